//! Groups of IPv4 multicast: who may join and leave what, ip(7) and RFC 3678.

use crate::common::calls::*;
use crate::harness::Both;

const GROUP: [u8; 4] = [239, 1, 1, 1];
const OTHER: [u8; 4] = [239, 1, 1, 2];
const ANY: [u8; 4] = [0; 4];
const NOBODYS: [u8; 4] = [10, 1, 1, 1];
/// The numbers of the loopback device and of none.
const LO: u32 = 1;
const NONE: u32 = 7;

/// `struct ip_mreqn`.
fn mreqn(group: [u8; 4], interface: [u8; 4], ifindex: u32) -> Vec<u8> {
    [group, interface, ifindex.to_le_bytes()].concat()
}

/// `struct group_req`.
fn group_req(family: i32, group: [u8; 4], ifindex: u32) -> Vec<u8> {
    let family = (family as u32).to_le_bytes();
    let mut bytes = [ifindex.to_le_bytes(), [0; 4], family, group].concat();
    bytes.resize(136, 0);
    bytes
}

fn change(fd: i32, name: i32, bytes: Vec<u8>) -> Syscall {
    let len = bytes.len() as i32;
    setsockopt(fd, IPPROTO_IP, name, UserIn::Bytes(bytes), len)
}

fn join(fd: i32, group: [u8; 4], ifindex: u32) -> Syscall {
    change(fd, MCAST_JOIN_GROUP, group_req(AF_INET, group, ifindex))
}

fn leave(fd: i32, group: [u8; 4], ifindex: u32) -> Syscall {
    change(fd, MCAST_LEAVE_GROUP, group_req(AF_INET, group, ifindex))
}

fn add(fd: i32, group: [u8; 4], interface: [u8; 4], ifindex: u32) -> Syscall {
    change(fd, IP_ADD_MEMBERSHIP, mreqn(group, interface, ifindex))
}

fn drop_membership(fd: i32, group: [u8; 4], interface: [u8; 4], ifindex: u32) -> Syscall {
    change(fd, IP_DROP_MEMBERSHIP, mreqn(group, interface, ifindex))
}

/// Sockets that join and leave.
const KINDS: [(i32, i32); 4] = [
    (AF_INET, SOCK_STREAM),
    (AF_INET, SOCK_DGRAM),
    (AF_INET6, SOCK_STREAM),
    (AF_INET6, SOCK_DGRAM),
];

#[test]
fn accept_copies_no_group_of_the_listener() {
    for family in [AF_INET, AF_INET6] {
        let mut both = Both::new();
        let task = both.task();
        let any = ["0.0.0.0:8080", "[::]:8080"][usize::from(family == AF_INET6)];
        both.all(
            task,
            [
                (socket_of(family, SOCK_STREAM, 0), Ok(3)),
                (bind(3, any), Ok(0)),
                (join(3, GROUP, LO), Ok(0)),
                (listen(3, 5), Ok(0)),
                (socket(), Ok(4)),
                (connect(4, "127.0.0.1:8080"), Ok(0)),
                (accept(3), Ok(5)),
                (leave(5, GROUP, LO), Err(EADDRNOTAVAIL)),
                (join(5, GROUP, LO), Ok(0)),
                (close(5), Ok(0)),
                (leave(3, GROUP, LO), Ok(0)),
                (leave(3, GROUP, LO), Err(EADDRNOTAVAIL)),
            ],
        );
    }
}

#[test]
fn a_group_is_joined_once_and_left_once() {
    for (family, ty) in KINDS {
        let mut both = Both::new();
        let task = both.task();
        both.all(
            task,
            [
                (socket_of(family, ty, 0), Ok(3)),
                (leave(3, GROUP, LO), Err(EADDRNOTAVAIL)),
                (join(3, GROUP, LO), Ok(0)),
                (join(3, GROUP, LO), Err(EADDRINUSE)),
                (join(3, OTHER, LO), Ok(0)),
                (leave(3, GROUP, LO), Ok(0)),
                (leave(3, GROUP, LO), Err(EADDRNOTAVAIL)),
                (leave(3, OTHER, LO), Ok(0)),
                // No device, no route, no group.
                (join(3, GROUP, 0), Err(ENODEV)),
                (leave(3, GROUP, 0), Err(ENODEV)),
                (join(3, GROUP, NONE), Err(ENODEV)),
                (leave(3, GROUP, NONE), Err(EADDRNOTAVAIL)),
                (join(3, NOBODYS, LO), Err(EINVAL)),
                (leave(3, NOBODYS, LO), Err(EADDRNOTAVAIL)),
                (
                    change(3, MCAST_JOIN_GROUP, group_req(AF_INET6, GROUP, LO)),
                    Err(EINVAL),
                ),
                (
                    change(3, MCAST_LEAVE_GROUP, group_req(0, GROUP, LO)),
                    Err(EINVAL),
                ),
            ],
        );
    }
}

#[test]
fn a_group_that_is_too_short_or_cannot_be_read_is_refused() {
    let raw = |fd, name, value, len| setsockopt(fd, IPPROTO_IP, name, value, len);
    let bytes = |len| UserIn::Bytes(vec![0; len]);
    for (family, ty) in KINDS {
        let mut both = Both::new();
        let task = both.task();
        both.gives(task, socket_of(family, ty, 0), Ok(3));
        for name in [MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP] {
            for (value, len, errno) in [
                (bytes(136), 135, EINVAL),
                (bytes(136), 136, EINVAL),
                (bytes(200), 200, EINVAL),
                (bytes(135), 136, EFAULT),
                (UserIn::Fault, 136, EFAULT),
                (UserIn::Fault, 135, EINVAL),
                (bytes(136), -1, EINVAL),
            ] {
                both.gives(task, raw(3, name, value, len), Err(errno));
            }
        }
        for name in [IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP] {
            // The way to 0.0.0.0 is the loopback device.
            let nothing = [EINVAL, EADDRNOTAVAIL][usize::from(name == IP_DROP_MEMBERSHIP)];
            for (value, len, errno) in [
                (bytes(8), 7, EINVAL),
                (bytes(8), 8, nothing),
                (bytes(8), 11, nothing),
                (bytes(11), 12, EFAULT),
                (bytes(12), 12, nothing),
                (UserIn::Fault, 7, EINVAL),
                (UserIn::Fault, 8, EFAULT),
                (UserIn::Fault, 12, EFAULT),
            ] {
                // A stream has no use for them, whatever it says.
                let errno = if ty == SOCK_STREAM { EPROTO } else { errno };
                both.gives(task, raw(3, name, value, len), Err(errno));
            }
            both.gives(task, raw(3, name, bytes(12), -1), Err(EINVAL));
        }
        for name in [
            MCAST_JOIN_GROUP,
            MCAST_LEAVE_GROUP,
            IP_ADD_MEMBERSHIP,
            IP_DROP_MEMBERSHIP,
        ] {
            both.gives(task, getsockopt(3, IPPROTO_IP, name), Err(ENOPROTOOPT));
        }
    }
}

#[test]
fn a_datagram_socket_names_the_device_by_address_or_number() {
    for family in [AF_INET, AF_INET6] {
        let mut both = Both::datagrams();
        let task = both.task();
        let lo = [127, 0, 0, 1];
        let short = |name, interface: [u8; 4]| change(3, name, [GROUP, interface].concat());
        both.all(
            task,
            [
                (socket_of(family, SOCK_DGRAM, 0), Ok(3)),
                (short(IP_ADD_MEMBERSHIP, lo), Ok(0)),
                (add(3, GROUP, ANY, LO), Err(EADDRINUSE)),
                (join(3, GROUP, LO), Err(EADDRINUSE)),
                (short(IP_DROP_MEMBERSHIP, lo), Ok(0)),
                (short(IP_DROP_MEMBERSHIP, lo), Err(EADDRNOTAVAIL)),
                (add(3, GROUP, ANY, LO), Ok(0)),
                (leave(3, GROUP, LO), Ok(0)),
                (add(3, GROUP, ANY, 0), Err(ENODEV)),
                (drop_membership(3, GROUP, ANY, 0), Err(ENODEV)),
                (add(3, GROUP, NOBODYS, 0), Err(ENODEV)),
                (drop_membership(3, GROUP, NOBODYS, 0), Err(EADDRNOTAVAIL)),
                (add(3, GROUP, NOBODYS, NONE), Err(ENODEV)),
                // All of 127.0.0.0/8 is this host's own, but for the last, which is everybody's.
                (add(3, GROUP, [127, 0, 0, 2], 0), Ok(0)),
                (drop_membership(3, GROUP, [127, 3, 3, 3], 0), Ok(0)),
                (add(3, GROUP, [127, 255, 255, 255], 0), Err(ENODEV)),
                (add(3, NOBODYS, ANY, LO), Err(EINVAL)),
                // A number counts before an address; but the address is kept, and is enough to leave.
                (add(3, GROUP, NOBODYS, LO), Ok(0)),
                (
                    drop_membership(3, GROUP, [10, 1, 1, 2], 0),
                    Err(EADDRNOTAVAIL),
                ),
                (drop_membership(3, GROUP, NOBODYS, 0), Ok(0)),
            ],
        );
    }
}

#[test]
fn a_socket_belongs_to_twenty_groups_at_most() {
    let mut both = Both::new();
    let task = both.task();
    both.gives(task, socket(), Ok(3));
    for last in 0..20 {
        both.gives(task, join(3, [239, 2, 0, last], LO), Ok(0));
    }
    both.all(
        task,
        [
            (join(3, GROUP, LO), Err(ENOBUFS)),
            (join(3, [239, 2, 0, 5], LO), Err(EADDRINUSE)),
            (leave(3, [239, 2, 0, 5], LO), Ok(0)),
            (join(3, GROUP, LO), Ok(0)),
            // Another descriptor of the same socket has the same groups.
            (dup(3), Ok(4)),
            (leave(4, GROUP, LO), Ok(0)),
            (leave(3, GROUP, LO), Err(EADDRNOTAVAIL)),
        ],
    );
}

#[test]
fn a_disconnected_socket_stays_in_its_groups() {
    let mut both = Both::new();
    let task = both.task();
    both.all(
        task,
        [
            (socket(), Ok(3)),
            (bind(3, "127.0.0.1:8080"), Ok(0)),
            (listen(3, 5), Ok(0)),
            (socket(), Ok(4)),
            (join(4, GROUP, LO), Ok(0)),
            (connect(4, "127.0.0.1:8080"), Ok(0)),
            (disconnect(4), Ok(0)),
            (join(4, GROUP, LO), Err(EADDRINUSE)),
            (leave(4, GROUP, LO), Ok(0)),
        ],
    );
}

#[test]
fn a_raw_socket_joins_and_leaves() {
    let mut both = Both::new();
    let task = both.root();
    both.all(
        task,
        [
            (socket_of(AF_INET, SOCK_RAW, IPPROTO_ICMP), Ok(3)),
            (join(3, GROUP, LO), Ok(0)),
            (add(3, GROUP, ANY, LO), Err(EADDRINUSE)),
            (drop_membership(3, GROUP, ANY, LO), Ok(0)),
            (leave(3, GROUP, LO), Err(EADDRNOTAVAIL)),
        ],
    );
}

#[test]
fn a_listener_that_is_shut_stays_in_its_groups() {
    let mut both = Both::new();
    let task = both.task();
    both.all(
        task,
        [
            (socket(), Ok(3)),
            (listen(3, 5), Ok(0)),
            (join(3, GROUP, LO), Ok(0)),
            (shutdown(3, SHUT_RDWR), Ok(0)),
            (leave(3, GROUP, LO), Ok(0)),
        ],
    );
}
