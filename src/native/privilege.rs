//! Namespaces and privileges: what a stage isolates and what a puppet may do.

use super::wire::Unable;
use nix::errno::Errno as Sys;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Gid, Uid, getegid, geteuid, mkdtemp, setgroups, setresgid, setresuid};
use std::fs::{OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// How a stage gets a network of its own, tried in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    /// As root: network and PID namespaces.
    Root,
    /// As an ordinary user: a user namespace in which this user is root, and the others inside it.
    UserNamespace,
    /// No namespace: this machine's loopback, shared with everyone.
    Plain,
}

/// The ordinary user that programs run as: "nobody" on every distribution.
const ORDINARY: u32 = 65534;

/// Makes the calling process (and, for PIDs, its children) part of new namespaces.
pub(super) fn enter_namespaces(strategy: Strategy) -> Result<(), Unable> {
    let network = CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNS;
    match strategy {
        Strategy::Root => {
            unshare(network).map_err(Unable::when("making network and PID namespaces"))
        }
        Strategy::UserNamespace => {
            let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
            unshare(CloneFlags::CLONE_NEWUSER | network)
                .map_err(Unable::when("making user, network and PID namespaces"))?;
            map_ids((0, uid), (0, gid))
        }
        Strategy::Plain => Ok(()),
    }
}

/// Where puppets run: an empty directory of the stage's own, which everyone may write to. With a mount namespace
/// `/tmp` is the stage's own, too, and nothing is left behind; without one the directory must be removed in the end.
pub(super) fn enter_directory(strategy: Strategy) -> Result<Option<PathBuf>, Unable> {
    let doing = Unable::when("making a directory for puppets");
    umask(Mode::from_bits_truncate(0o022));
    let own_tmp = strategy != Strategy::Plain && mount_tmp().is_ok();
    let directory = mkdtemp("/tmp/sockscope-XXXXXX").map_err(doing)?;
    let open = Permissions::from_mode(0o1777);
    let entered = std::fs::set_permissions(&directory, open)
        .and_then(|()| std::env::set_current_dir(&directory));
    entered.map_err(|error| Unable {
        doing: "entering a directory for puppets".to_owned(),
        errno: error.raw_os_error().unwrap_or(libc::EIO),
    })?;
    Ok((!own_tmp).then_some(directory))
}

/// Puts an empty file system at /tmp, which this mount namespace alone sees.
fn mount_tmp() -> nix::Result<()> {
    const NONE: Option<&str> = None;
    mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(
        Some("tmpfs"),
        "/tmp",
        Some("tmpfs"),
        flags,
        Some("mode=1777"),
    )
}

/// Makes the settings of a network that is the stage's own; gives the names of those that failed.
pub(super) fn set_sysctls(strategy: Strategy, sysctls: &[(String, String)]) -> Vec<String> {
    let set = |name: &str, value: &str| {
        // A name must not lead out of what belongs to the namespace.
        let inside = name.starts_with("net/") && !name.contains("..");
        strategy != Strategy::Plain
            && inside
            && write_proc(&format!("/proc/sys/{name}"), value).is_ok()
    };
    let refused = sysctls.iter().filter(|(name, value)| !set(name, value));
    refused.map(|(name, _)| name.clone()).collect()
}

/// Gives up everything that an ordinary user has not, but for these capabilities. There is no way back.
pub(super) fn become_ordinary(strategy: Strategy, keep: u64) -> Result<(), Unable> {
    // Otherwise all of them go with the change of user.
    prctl::set_keepcaps(keep != 0).map_err(Unable::when("keeping capabilities"))?;
    match strategy {
        Strategy::Root => change_user()?,
        // Only root's id is mapped here, and only in this namespace capabilities count for the network.
        Strategy::UserNamespace if keep != 0 => {}
        Strategy::UserNamespace => {
            // Only one id is mapped here, and it is root's. A namespace further in maps it to an
            // ordinary one; the network belongs to the outer namespace, where no capability is left.
            unshare(CloneFlags::CLONE_NEWUSER)
                .map_err(Unable::when("making the ordinary user's namespace"))?;
            map_ids((ORDINARY, 0), (ORDINARY, 0))?;
        }
        // A root that may not become someone else is ordinary as soon as its capabilities are gone.
        Strategy::Plain if has_capabilities(&[CAP_SETGID, CAP_SETUID]) => change_user()?,
        Strategy::Plain => {}
    }
    drop_capabilities(keep).map_err(Unable::when("dropping capabilities"))?;
    prctl::set_no_new_privs().map_err(Unable::when("forbidding new privileges"))
}

/// What root has over a network.
pub(super) const ROOT: u64 = 1 << CAP_NET_BIND_SERVICE | 1 << CAP_NET_RAW;

/// Whether a puppet can keep these capabilities under this strategy.
pub(super) fn can_have(strategy: Strategy, capabilities: u64) -> bool {
    match strategy {
        Strategy::Root | Strategy::UserNamespace => true,
        Strategy::Plain => {
            let wanted = (0..64).filter(|n| capabilities >> n & 1 == 1);
            has_capabilities(&wanted.collect::<Vec<u32>>())
        }
    }
}

// linux/capability.h
const CAP_SETGID: u32 = 6;
const CAP_SETUID: u32 = 7;
const CAP_NET_BIND_SERVICE: u32 = 10;
const CAP_NET_RAW: u32 = 13;

/// Whether this process has all of these capabilities in effect.
fn has_capabilities(wanted: &[u32]) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = line.and_then(|set| u64::from_str_radix(set.trim(), 16).ok());
    effective.is_some_and(|set| wanted.iter().all(|capability| set & (1 << capability) != 0))
}

fn change_user() -> Result<(), Unable> {
    let (uid, gid) = (Uid::from_raw(ORDINARY), Gid::from_raw(ORDINARY));
    setgroups(&[]).map_err(Unable::when("leaving every group"))?;
    setresgid(gid, gid, gid).map_err(Unable::when("becoming an ordinary group"))?;
    setresuid(uid, uid, uid).map_err(Unable::when("becoming an ordinary user"))
}

/// Maps one user and one group, each (inside, outside), for the user namespace just made.
fn map_ids(uid: (u32, u32), gid: (u32, u32)) -> Result<(), Unable> {
    // user_namespaces(7): without privilege outside, setgroups(2) must be given up before a group
    // can be mapped.
    write_proc("/proc/self/setgroups", "deny")?;
    write_proc("/proc/self/uid_map", &format!("{} {} 1", uid.0, uid.1))?;
    write_proc("/proc/self/gid_map", &format!("{} {} 1", gid.0, gid.1))
}

fn write_proc(path: &str, text: &str) -> Result<(), Unable> {
    OpenOptions::new()
        .write(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Unable {
            doing: format!("writing {path}"),
            errno: error.raw_os_error().unwrap_or(libc::EIO),
        })
}

/// Empties every capability set of the calling thread, but for these.
fn drop_capabilities(keep: u64) -> nix::Result<()> {
    let dropped = (0..64).filter(|n| keep >> n & 1 == 0);
    for capability in dropped.map(|n| n as libc::c_ulong) {
        // SAFETY: prctl(PR_CAPBSET_DROP) takes a number and touches no memory. It refuses numbers
        // beyond the last capability, and everything if there is no privilege left: then nothing
        // can be regained through exec either, thanks to no_new_privs.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
    }
    // SAFETY: PR_CAP_AMBIENT_CLEAR_ALL touches no memory.
    let cleared = unsafe {
        libc::prctl(
            libc::PR_CAP_AMBIENT,
            libc::PR_CAP_AMBIENT_CLEAR_ALL,
            0,
            0,
            0,
        )
    };
    Sys::result(cleared)?;
    /// `struct __user_cap_header_struct` of linux/capability.h.
    #[repr(C)]
    struct Header {
        version: u32,
        pid: libc::c_int,
    }
    const VERSION_3: u32 = 0x2008_0522;
    let header = Header {
        version: VERSION_3,
        pid: 0,
    };
    // Two `struct __user_cap_data_struct`, for 32 capabilities each: effective, permitted, inheritable.
    let (low, high) = (keep as u32, (keep >> 32) as u32);
    let kept = [low, low, 0, high, high, 0];
    // SAFETY: version 3 reads one header and two data structs of three words each.
    let set = unsafe { libc::syscall(libc::SYS_capset, &raw const header, kept.as_ptr()) };
    Sys::result(set)?;
    Ok(())
}
