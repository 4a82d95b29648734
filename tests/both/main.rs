//! What a program can observe: the same calls on the simulated kernel and on this machine's, with
//! the answers that both must give. What needs the simulation alone is in `tests/simulated`.
#![cfg(target_os = "linux")]

#[path = "../common/mod.rs"]
mod common;
mod harness;

mod address_form;
mod arguments;
mod arguments_data;
mod buffers;
mod data;
mod descriptors;
mod dup;
mod epoll;
mod error_rows;
mod errors_calls;
mod facts;
mod fcntl;
mod found;
mod found_unix;
mod groups;
mod lifecycle;
mod listener;
mod messages;
mod mmsg;
mod options;
mod pipe;
mod poll;
mod ports;
mod processes;
mod raw;
mod rfc9293;
mod rights;
mod select;
mod socketpair;
mod threads;
mod time_limits;
mod udp;
mod udp_cork;
mod udp_errors;
mod udp_ports;
mod unix_dgram;
mod unix_names;
mod unix_seqpacket;
mod unix_stream;
mod urgent;
