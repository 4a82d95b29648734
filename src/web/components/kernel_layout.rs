//! Where everything of the kernel picture stands, in CSS pixels: a pure function of the view and the pane's size.
//!
//! One group of rows per process (descriptors, open files, sockets), one more for sockets that belong to no
//! process. Between the groups is room for the packets that travel from one to the other.

use crate::base::sorted::sort_by_key;
use crate::web::components::kernel_joins;
use crate::web::model::{FdView, SocketRole, SocketView, View};

/// How much a socket's card tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Density {
    /// Queues with their names and contents.
    Full,
    /// Queues on one line each.
    Tight,
    /// One line per socket.
    Rows,
}

/// How wide a socket's card is, which decides how many lines its addresses take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Beside the state.
    Wide,
    /// On a line of their own.
    Mid,
    /// On two lines.
    Narrow,
}

/// Columns of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub fd_left: i32,
    pub fd_width: i32,
    pub file_left: i32,
    pub file_width: i32,
    pub card_left: i32,
    /// Room at the right of the cards for the lines that join peers.
    pub gutter: i32,
}

const WIDE_COLUMNS: Columns = Columns {
    fd_left: 12,
    fd_width: 84,
    file_left: 126,
    file_width: 84,
    card_left: 236,
    gutter: 30,
};
const NARROW_COLUMNS: Columns = Columns {
    fd_left: 8,
    fd_width: 66,
    file_left: 88,
    file_width: 62,
    card_left: 164,
    gutter: 20,
};

/// A process's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// Index of the process; `None` for sockets that belong to no process.
    pub process: Option<u32>,
    pub top: i32,
    pub height: i32,
}

/// A card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// A socket's, a file's id.
    pub id: u32,
    pub top: i32,
    pub height: i32,
}

/// A line from a descriptor to its open file, or from a file to its socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub from: (i32, i32),
    pub to: (i32, i32),
    pub changed: bool,
}

/// A line that joins two sockets that talk to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub top: i32,
    pub bottom: i32,
    /// Both ends are ESTABLISHED.
    pub open: bool,
    /// Its place among lines that would hide each other.
    pub lane: i32,
}

/// A packet between two sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flying {
    /// Index into `View::wire`.
    pub segment: usize,
    pub middle: i32,
    /// Its place among packets at the same height, from the right.
    pub slot: i32,
    pub down: bool,
}

/// The whole picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub density: Density,
    pub form: Form,
    pub columns: Columns,
    pub height: i32,
    pub groups: Vec<Group>,
    pub cards: Vec<Placed>,
    pub files: Vec<Placed>,
    pub links: Vec<Link>,
    pub pairs: Vec<Pair>,
    pub flying: Vec<Flying>,
}

/// Height of a descriptor's row.
pub(crate) const FD_ROW: i32 = 24;
/// Height of a process's name above its descriptors.
const NAME_ROW: i32 = 21;
/// Height of the row of descriptors 0, 1 and 2, and of the free number.
const SMALL_ROW: i32 = 21;
const CARD_GAP: i32 = 8;
/// Room above the first and below the last group.
const TOP: i32 = 6;

/// The descriptors that the picture shows one by one: not the terminal's.
pub(crate) fn shown_fds(fds: &[FdView]) -> impl Iterator<Item = &FdView> {
    fds.iter()
        .filter(|fd| fd.kind == "socket" || fd.kind == "reserved")
}

/// Whether a socket has a card of its own; others are in a listener's queues.
pub(crate) fn has_card(socket: &SocketView) -> bool {
    match socket.role {
        SocketRole::Held | SocketRole::Orphan | SocketRole::TimeWait => true,
        SocketRole::Request | SocketRole::Queued => false,
    }
}

/// Lays the picture of `view` out for a pane of this size, as fully as it fits.
pub(crate) fn layout(view: &View, width: i32, height: i32) -> Layout {
    let columns = if width < 520 {
        NARROW_COLUMNS
    } else {
        WIDE_COLUMNS
    };
    let form = match width - columns.card_left - columns.gutter {
        ..290 => Form::Narrow,
        290..408 => Form::Mid,
        _ => Form::Wide,
    };
    let mut laid = place(view, columns, form, Density::Full, 0);
    let few = laid.cards.len() <= 4;
    if laid.height > height && !(form == Form::Narrow && few) {
        let rows = place(view, columns, form, Density::Rows, 0);
        laid = place(view, columns, form, Density::Tight, 0);
        // Where a few cards have to be scrolled anyway, they may as well say more.
        if laid.height > height && !(rows.height > height && few) {
            laid = rows;
        }
    }
    // What is left goes to the rooms between the groups, where packets travel.
    let rooms = laid.groups.len().saturating_sub(1).max(1) as i32;
    let spare = ((height - laid.height) / rooms).clamp(0, 40);
    place(view, columns, form, laid.density, spare)
}

/// Room between two groups: a packet fits.
fn room(density: Density) -> i32 {
    match density {
        Density::Full => 40,
        Density::Tight => 28,
        Density::Rows => 24,
    }
}

fn place(view: &View, columns: Columns, form: Form, density: Density, spare: i32) -> Layout {
    let mut laid = Layout {
        density,
        form,
        columns,
        height: 0,
        groups: Vec::new(),
        cards: Vec::new(),
        files: Vec::new(),
        links: Vec::new(),
        pairs: Vec::new(),
        flying: Vec::new(),
    };
    let between = room(density) + spare;
    let mut top = TOP;
    let owners = view
        .processes
        .iter()
        .filter(|process| view.table_of(process.index) == process.index)
        .map(|process| Some(process.index))
        .chain([None]);
    for owner in owners {
        let known = |index: u32| (index as usize) < view.processes.len();
        let sockets = view.sockets.iter().filter(|socket| {
            let process = socket.process.filter(|index| known(*index));
            has_card(socket) && process.map(|index| view.table_of(index)) == owner
        });
        let stacked = stack(&mut laid.cards, sockets, top, form, density);
        let fds = owner.map_or(0, |index| fds_height(view, index, density));
        let height = stacked.max(fds);
        if height == 0 {
            continue;
        }
        laid.groups.push(Group {
            process: owner,
            top,
            height,
        });
        top += height + between;
    }
    laid.height = top - between + TOP;
    kernel_joins::join(view, &mut laid);
    laid
}

/// Puts the cards of one group under one another: by descriptor, then those without one.
fn stack<'a>(
    cards: &mut Vec<Placed>,
    sockets: impl Iterator<Item = &'a SocketView>,
    top: i32,
    form: Form,
    density: Density,
) -> i32 {
    let mut sockets = sockets.collect::<Vec<_>>();
    sort_by_key(&mut sockets, |socket| {
        (socket.fd.unwrap_or(i32::MAX), socket.sock)
    });
    let mut y = top;
    for socket in &sockets {
        let height = card_height(socket, form, density);
        cards.push(Placed {
            id: socket.sock,
            top: y,
            height,
        });
        y += height
            + if density == Density::Rows {
                6
            } else {
                CARD_GAP
            };
    }
    if sockets.is_empty() {
        0
    } else {
        y - top - CARD_GAP.min(y - top)
    }
}

/// Where the first descriptor that is shown by itself begins, below the top of its group.
pub(crate) fn first_fd(density: Density) -> i32 {
    match density {
        Density::Full | Density::Tight => NAME_ROW + SMALL_ROW,
        Density::Rows => NAME_ROW,
    }
}

fn fds_height(view: &View, process: u32, density: Density) -> i32 {
    let Some(process) = view.processes.get(process as usize) else {
        return 0;
    };
    let fds = FD_ROW * shown_fds(&process.fds).count() as i32;
    match density {
        Density::Full | Density::Tight if process.fds.is_empty() => NAME_ROW + SMALL_ROW,
        Density::Full | Density::Tight => first_fd(density) + fds + SMALL_ROW,
        Density::Rows => first_fd(density) + fds,
    }
}

/// Height of a socket's card: what `socket_card` draws for the same form and density.
pub(crate) fn card_height(socket: &SocketView, form: Form, density: Density) -> i32 {
    let addresses = match form {
        Form::Wide => 0,
        Form::Mid => 19,
        Form::Narrow if socket.remote.is_some() => 38,
        Form::Narrow => 19,
    };
    let options = if form == Form::Narrow && has_notes(socket) {
        18
    } else {
        0
    };
    // Numbers and a timer stand beside each other if there is room.
    let both = socket.connection.is_some() && !socket.timers.is_empty();
    let foot = if form == Form::Narrow && both { 40 } else { 20 };
    let halves = if form == Form::Narrow { 2 } else { 1 };
    match density {
        Density::Rows => {
            if form == Form::Wide {
                32
            } else {
                50
            }
        }
        Density::Full => {
            let head = 36 + addresses + options;
            match (&socket.listener, &socket.connection) {
                (Some(_), _) => head + 2 * 47 + 4,
                (None, Some(_)) => head + halves * 40 + 5 + foot,
                (None, None) if socket.datagrams.is_some() => head + 45,
                (None, None) if !socket.timers.is_empty() => head + 24,
                (None, None) => head + 4,
            }
        }
        Density::Tight => {
            let head = 30 + addresses + options;
            match (&socket.listener, &socket.connection) {
                (Some(_), _) => head + 2 * 24 + 4,
                (None, Some(_)) => head + halves * 24 + 4,
                (None, None) if socket.datagrams.is_some() => head + 28,
                (None, None) => head + 2,
            }
        }
    }
}

fn has_notes(socket: &SocketView) -> bool {
    let alone = matches!(socket.role, SocketRole::Orphan | SocketRole::TimeWait);
    !socket.options.is_empty() || socket.listener.is_some() || alone || socket.error.is_some()
}
