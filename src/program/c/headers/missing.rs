//! What Linux's C library has and this one has not, to say so.

/// Headers of glibc and of the kernel that are not here.
const HEADERS: &str = "aio.h argp.h argz.h ar.h complex.h cpio.h crypt.h dlfcn.h elf.h envz.h execinfo.h fenv.h \
    fmtmsg.h fnmatch.h fstab.h fts.h ftw.h gconv.h glob.h gshadow.h iconv.h langinfo.h libintl.h link.h mcheck.h mntent.h \
    monetary.h mqueue.h net/ethernet.h net/if_arp.h net/route.h netax25/ax25.h netinet/ether.h netinet/if_ether.h \
    netinet/igmp.h netinet/ip6.h netpacket/packet.h nl_types.h nss.h obstack.h printf.h pthread_np.h pty.h regex.h \
    resolv.h rpc/rpc.h search.h sgtty.h shadow.h spawn.h stdatomic.h stropts.h sys/acct.h sys/auxv.h sys/eventfd.h \
    sys/fsuid.h sys/inotify.h sys/io.h sys/ipc.h sys/mount.h sys/msg.h sys/personality.h sys/prctl.h sys/ptrace.h \
    sys/quota.h sys/random.h sys/reboot.h sys/sem.h sys/shm.h sys/signalfd.h sys/statfs.h sys/statvfs.h sys/swap.h \
    sys/syscall.h sys/sysinfo.h sys/sysmacros.h sys/timeb.h sys/timerfd.h sys/timex.h sys/ttydefaults.h sys/ucontext.h \
    sys/user.h sys/vfs.h sys/vt.h sys/xattr.h syscall.h tar.h termio.h tgmath.h threads.h uchar.h ucontext.h ulimit.h \
    utime.h utmp.h utmpx.h values.h wchar.h wctype.h wordexp.h xlocale.h linux/errqueue.h linux/filter.h linux/if.h \
    linux/if_ether.h linux/if_link.h linux/if_packet.h linux/if_tun.h linux/in.h linux/in6.h linux/inet_diag.h \
    linux/io_uring.h linux/ip.h linux/ipv6.h linux/net_tstamp.h linux/netlink.h linux/rtnetlink.h linux/sock_diag.h \
    linux/sockios.h linux/tcp.h linux/types.h linux/udp.h linux/un.h linux/vm_sockets.h asm/types.h asm/byteorder.h";

/// Said of functions for which there is no more to say.
pub(crate) const NO_REASON: &str = "it is not modelled";

/// Why, and the functions.
const FUNCTIONS: &[(&str, &str)] = &[
    (
        "there are no files here",
        "access chdir chmod chown chroot closedir copy_file_range creat euidaccess faccessat fallocate fchdir fchmod fchown \
        fdopendir flock fstat fstatat fstatfs fstatvfs fsync ftruncate fts_open ftw get_current_dir_name getcwd getwd glob \
        globfree inotify_add_watch inotify_init lchown link linkat lockf lseek lstat mkdir mkdirat mkdtemp mkfifo mknod \
        mkostemp mkstemp mktemp mount nftw open_by_handle_at openat opendir pathconf posix_fadvise posix_fallocate pread \
        preadv pwrite pwritev readdir readdir_r readlink realpath renameat rewinddir rmdir scandir seekdir \
        stat statfs statvfs statx symlink sync sync_file_range telldir tempnam tmpnam truncate umask unlinkat utime \
        utimensat utimes fsetpos fgetpos",
    ),
    (
        "there are no regular expressions and patterns here",
        "fnmatch regcomp regerror regexec regfree wordexp wordfree",
    ),
    (
        "there is no log daemon here: write to standard error",
        "closelog openlog setlogmask syslog vsyslog",
    ),
    (
        "there are no users and groups here",
        "crypt endgrent endpwent getgrent getgrgid getgrgid_r getgrnam getgrnam_r getgroups getlogin getlogin_r getpass getpwent \
        getpwnam getpwnam_r getpwuid getpwuid_r initgroups setegid seteuid setgid setgroups setregid setresgid setresuid \
        setreuid setuid cuserid",
    ),
    (
        "there are no terminals to set here",
        "cfgetispeed cfgetospeed cfmakeraw cfsetispeed cfsetospeed ctermid forkpty openpty tcdrain tcflow tcflush tcgetattr \
        tcgetpgrp tcsendbreak tcsetattr tcsetpgrp ttyname ttyname_r grantpt unlockpt ptsname posix_openpt login_tty",
    ),
    (
        "memory is not mapped or shared here: malloc() gives memory",
        "brk madvise memfd_create mincore mlock mlockall mmap mprotect mremap msync munlock munlockall munmap sbrk shm_open \
        shm_unlink shmat shmctl shmdt shmget aligned_alloc posix_memalign memalign valloc pvalloc mallinfo malloc_usable_size \
        mallopt malloc_trim",
    ),
    (
        "processes share no queues and semaphores here",
        "ftok mq_close mq_getattr mq_notify mq_open mq_receive mq_send mq_setattr mq_unlink msgctl msgget msgrcv msgsnd sem_close \
        sem_open sem_unlink semctl semget semop semtimedop",
    ),
    (
        "characters are single bytes here",
        "btowc fgetwc fgetws fputwc fputws fwide fwprintf fwscanf getwc getwchar iswalnum iswalpha iswdigit iswspace mblen \
        mbrlen mbrtowc mbsrtowcs mbstowcs mbtowc putwc putwchar swprintf swscanf towlower towupper ungetwc vfwprintf vswprintf \
        vwprintf wcrtomb wcscat wcschr wcscmp wcscpy wcsdup wcslen wcsncat wcsncmp wcsncpy wcsrchr wcsrtombs wcsstr wcstod \
        wcstok wcstol wcstombs wcstoul wctomb wmemchr wmemcmp wmemcpy wmemmove wmemset wprintf wscanf iconv iconv_close \
        iconv_open",
    ),
    (
        "of functions whose result is rounded there is only sqrt()",
        "acos acosf acosh asin asinf asinh atan atan2 atan2f atanf atanh cbrt cos cosf cosh erf erfc exp exp10 exp2 expf expm1 \
        fma gamma hypot hypotf j0 j1 jn lgamma log log10 log10f log1p log2 log2f logb logf nextafter nexttoward remainder \
        remquo sin sincos sinf sinh tan tanf tanh tgamma y0 y1 yn ceill floorl roundl sqrtl fabsl powl ilogb scalb",
    ),
    (
        "a function is left by return here",
        "longjmp setjmp siglongjmp sigsetjmp _longjmp _setjmp getcontext makecontext setcontext swapcontext",
    ),
    (
        "there is no shell here: fork() and exec run another program",
        "pclose posix_spawn posix_spawnp",
    ),
    (
        "code is not loaded at run time here",
        "backtrace backtrace_symbols dladdr dlclose dlerror dlopen dlsym",
    ),
    (
        "names are not asked for over the network here: getaddrinfo() knows those of /etc/hosts",
        "dn_expand gethostent res_init res_ninit res_query res_search sethostent endhostent getnetbyname getaddrinfo_a \
        gai_cancel gai_error gai_suspend gethostbyname_r gethostbyaddr_r getservbyname_r getservbyport_r",
    ),
    (
        NO_REASON,
        "acct adjtime adjtimex aio_read aio_write clone clock_settime daemon epoll_pwait2 eventfd eventfd_read eventfd_write \
        freeifaddrs getifaddrs getauxval getdate getentropy getitimer getloadavg getpriority getrandom \
        getrusage hcreate hsearch if_freenameindex if_nameindex ioperm iopl klogctl lfind lsearch mcheck nice prctl \
        process_vm_readv process_vm_writev ptrace pthread_atfork pthread_cancel pthread_kill pthread_setaffinity_np \
        pthread_sigmask quotactl rcmd reboot rexec sched_getaffinity sched_setaffinity \
        sched_setscheduler sendfile setdomainname sethostname setpriority setpgid getpgid getpgrp setpgrp setsid getsid \
        settimeofday signalfd sigqueue sigtimedwait sigwait sigwaitinfo splice stime strfmon strfry strptime strverscmp \
        syscall sysctl sysinfo tdelete tee tfind timer_create timer_delete timer_gettime timer_settime timerfd_create \
        timerfd_gettime timerfd_settime times tsearch twalk ualarm ulimit unshare utmpname vmsplice initstate setstate \
        initstate_r setstate_r random_r srandom_r drand48_r lrand48_r srand48_r ecvt fcvt gcvt a64l l64a getsubopt rpmatch \
        inet6_opt_append inet6_opt_find inet6_opt_finish inet6_opt_get_val inet6_opt_init inet6_opt_next inet6_opt_set_val \
        inet6_rth_add inet6_rth_getaddr inet6_rth_init inet6_rth_reverse inet6_rth_segments inet6_rth_space \
        getrlimit setrlimit prlimit confstr gethostid sethostid getdomainname obstack_free argp_parse",
    ),
];

/// Whether Linux has a header of that name.
pub(crate) fn has_header(name: &str) -> bool {
    HEADERS.split_whitespace().any(|header| header == name)
}

/// Why a function of glibc is not here.
pub(crate) fn reason(function: &str) -> Option<&'static str> {
    let holds = |names: &str| names.split_whitespace().any(|name| name == function);
    let found = FUNCTIONS.iter().find(|(_, names)| holds(names));
    found.map(|(reason, _)| *reason)
}
