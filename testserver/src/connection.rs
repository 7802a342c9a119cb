//! One TCP connection: bytes in and out, cut into frames.

use crate::End;
use mio::net::TcpStream;
use socket2::SockRef;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    pub(crate) peer: SocketAddr,
    pub(crate) server: SocketAddr,
    /// Replies that wait for their time. A client that closed its side may still read them.
    pub(crate) waiting: usize,
    input: Vec<u8>,
    output: Vec<u8>,
    end_of_input: bool,
    closing: Option<End>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, peer: SocketAddr, server: SocketAddr) -> Connection {
        Connection {
            stream,
            peer,
            server,
            waiting: 0,
            input: Vec::new(),
            output: Vec::new(),
            end_of_input: false,
            closing: None,
        }
    }

    /// Reads all there is and returns the frames that are whole.
    pub(crate) fn read(&mut self) -> io::Result<Vec<Vec<u8>>> {
        let mut buffer = [0; 4096];
        while !self.end_of_input {
            match self.stream.read(&mut buffer) {
                Ok(0) => self.end_of_input = true,
                Ok(length) => self.input.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(take_frames(&mut self.input))
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        if self.closing.is_none() {
            self.output.extend_from_slice(bytes);
        }
    }

    /// Nothing is sent after what was sent before.
    pub(crate) fn close(&mut self, end: End) {
        self.closing.get_or_insert(end);
    }

    /// Writes what the socket takes. False when the connection is done with.
    pub(crate) fn flush(&mut self) -> io::Result<bool> {
        while !self.output.is_empty() {
            match self.stream.write(&self.output) {
                Ok(length) => drop(self.output.drain(..length)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.closing == Some(End::Reset) {
            // No time to linger: the connection is reset when it is closed.
            SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))?;
        }
        Ok(self.closing.is_none() && (!self.end_of_input || self.waiting > 0))
    }
}

/// Takes the frames that are whole off the front of a stream.
pub(crate) fn take_frames(input: &mut Vec<u8>) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut start = 0;
    while let Some((length, rest)) = input[start..].split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length));
        let Some(frame) = rest.get(..length) else {
            break;
        };
        frames.push(frame.to_vec());
        start += 2 + length;
    }
    input.drain(..start);
    frames
}
