import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

type DialogProps = {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/** A question or a list before all else; focus goes back to where it came from. */
export const Dialog = ({ title, isOpen, onClose, children }: DialogProps) => (
  <Modal.Root opened={isOpen} onClose={onClose} lockScroll={false} centered>
    <Modal.Overlay className="overlay" />
    <Modal.Content className="dialog">
      <Modal.Header role="presentation" className="dialog-head">
        <Modal.Title className="dialog-title">{title}</Modal.Title>
        <Modal.CloseButton aria-label="Close" />
      </Modal.Header>
      <Modal.Body className="dialog-body">{children}</Modal.Body>
    </Modal.Content>
  </Modal.Root>
);
