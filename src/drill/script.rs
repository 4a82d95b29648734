//! What a script says, as values.

/// Microseconds since the script began, or between two events.
pub(super) type Micros = i64;

/// A whole script.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Script {
    /// `--name=value` lines, with their line numbers.
    pub(super) options: Vec<(u32, String, String)>,
    /// The command before the first event.
    pub(super) init: Option<(u32, String)>,
    /// What happens, in order.
    pub(super) events: Vec<Event>,
}

/// Something at a time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    /// The line of its time.
    pub(super) line: u32,
    pub(super) when: When,
    pub(super) action: Action,
}

/// When an event happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// `0.100`
    At(Micros),
    /// `+.1`
    After(Micros),
    /// `*`
    Any,
    /// `0.1~0.2`
    Between(Micros, Micros),
    /// `+.1~+.2`
    AfterBetween(Micros, Micros),
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    /// `<`: a packet comes in.
    Inbound(Wire),
    /// `>`: a packet is expected to go out.
    Outbound(Wire),
    Call(Call),
    /// In back-quotes.
    Command(String),
    /// `%{ … }%`
    Code(String),
}

/// A packet.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wire {
    Tcp(Tcp),
    Udp(UdpDatagram),
    Icmp(IcmpMessage),
    /// Of a kind that is parsed and not carried out: what it is.
    Other(String),
}

/// A UDP datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UdpDatagram {
    /// Source and destination port, if they are written.
    pub(super) ports: Option<(u16, u16)>,
    pub(super) len: u16,
}

/// An ICMP message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IcmpMessage {
    /// Names of type and code.
    pub(super) ty: String,
    pub(super) code: Option<String>,
    /// `mtu`, or 0.
    pub(super) mtu: u32,
    /// What it quotes.
    pub(super) about: About,
}

/// What an ICMP message quotes: a segment's sequence number, or a datagram's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Tcp(u32),
    Udp(u16),
}

/// A TCP segment as a script writes it: numbers relative, addresses left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tcp {
    /// Source and destination port, if they are written.
    pub(super) ports: Option<(u16, u16)>,
    pub(super) flags: u8,
    pub(super) seq: u32,
    pub(super) len: u32,
    /// 0 without `ack`.
    pub(super) ack: u32,
    pub(super) window: Option<u16>,
    pub(super) urgent: u16,
    /// `None`: `<...>`, not compared.
    pub(super) options: Option<Vec<TcpOption>>,
}

/// One TCP option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TcpOption {
    Nop,
    Eol,
    Mss(u16),
    WindowScale(u8),
    SackPermitted,
    Sack(Vec<(u32, u32)>),
    Timestamps(u32, u32),
    /// One that is parsed and not carried out: its name.
    Other(String),
}

/// A system call and what it is to answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    /// When it is to return, for one that blocks.
    pub(super) end: Option<Micros>,
    pub(super) name: String,
    pub(super) args: Vec<Expr>,
    pub(super) result: Expr,
    pub(super) errno: Option<String>,
}

/// An argument.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    /// `...`
    Ellipsis,
    Int(i64),
    Word(String),
    Text(Vec<u8>),
    /// `a|b`
    Or(Box<Expr>, Box<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{a, name=b, name(n)=c}`
    Struct(Vec<Field>),
    /// `name(a)`
    Apply(String, Vec<Expr>),
}

/// A member of a struct.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    /// Empty if it has none.
    pub(super) name: String,
    pub(super) value: Expr,
}
