//! What is drawn: functions, values in, actions out.

pub(crate) mod controls;
pub(crate) mod dialog;
pub(crate) mod editor;
pub(crate) mod explain;
pub(crate) mod fd_table;
pub(crate) mod header;
pub(crate) mod help;
pub(crate) mod kernel;
pub(crate) mod kernel_joins;
pub(crate) mod kernel_layout;
pub(crate) mod ladder;
pub(crate) mod ladder_layout;
pub(crate) mod lesson;
pub(crate) mod library;
pub(crate) mod panel;
pub(crate) mod ports;
pub(crate) mod process;
pub(crate) mod socket_card;
pub(crate) mod source;
pub(crate) mod timeline;
pub(crate) mod tokens;
pub(crate) mod winsock;
