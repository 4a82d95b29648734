/* sigaction(3) over the kernel's own, and what is made of it: signal(3), raise(3), abort(3); signal sets. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct word {
    unsigned long bits;
};

struct kernel_sigaction {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    struct word mask;
};

int __sockscope_sigaction(int signum, const struct kernel_sigaction *act, struct kernel_sigaction *oldact);

int sigaction(int signum, const struct sigaction *act, struct sigaction *oldact) {
    struct kernel_sigaction new = { 0 }, old;
    int result;
    if (act != NULL) {
        new.handler = act->sa_handler;
        new.flags = (unsigned int)act->sa_flags | SA_RESTORER;
        /* A mask that was never written is copied as it is. */
        new.mask = *(const struct word *)&act->sa_mask;
    }
    result = __sockscope_sigaction(signum, act != NULL ? &new : NULL, oldact != NULL ? &old : NULL);
    if (result == 0 && oldact != NULL) {
        oldact->sa_handler = old.handler;
        sigemptyset(&oldact->sa_mask);
        oldact->sa_mask.__val[0] = old.mask.bits;
        oldact->sa_flags = old.flags;
        oldact->sa_restorer = NULL;
    }
    return result;
}

sighandler_t signal(int signum, sighandler_t handler) {
    struct sigaction act, old;
    sigemptyset(&act.sa_mask);
    if (handler == SIG_ERR || sigaddset(&act.sa_mask, signum) < 0) {
        errno = EINVAL;
        return SIG_ERR;
    }
    act.sa_handler = handler;
    act.sa_flags = SA_RESTART;
    return sigaction(signum, &act, &old) < 0 ? SIG_ERR : old.sa_handler;
}

int siginterrupt(int sig, int flag) {
    struct sigaction act;
    if (sigaction(sig, NULL, &act) < 0)
        return -1;
    if (flag)
        act.sa_flags &= ~SA_RESTART;
    else
        act.sa_flags |= SA_RESTART;
    return sigaction(sig, &act, NULL);
}

int raise(int sig) {
    return kill(getpid(), sig);
}

/* The first SIGABRT may have a handler; the second ends the process. */
void abort(void) {
    struct sigaction act;
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, SIGABRT);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(SIGABRT);
    act.sa_handler = SIG_DFL;
    act.sa_flags = 0;
    sigemptyset(&act.sa_mask);
    sigaction(SIGABRT, &act, NULL);
    raise(SIGABRT);
    _exit(127);
}

static int all(sigset_t *set, unsigned long bits)
{
    int i;
    set->__val[0] = bits;
    for (i = 1; i < 16; i++)
        set->__val[i] = bits;
    return 0;
}

int sigemptyset(sigset_t *set) {
    return all(set, 0);
}

int sigfillset(sigset_t *set) {
    return all(set, ~0UL);
}

static int valid(int signum)
{
    if (signum >= 1 && signum <= 64)
        return 1;
    errno = EINVAL;
    return 0;
}

int sigaddset(sigset_t *set, int signum) {
    if (!valid(signum))
        return -1;
    set->__val[0] |= 1UL << (signum - 1);
    return 0;
}

int sigdelset(sigset_t *set, int signum) {
    if (!valid(signum))
        return -1;
    set->__val[0] &= ~(1UL << (signum - 1));
    return 0;
}

int sigismember(const sigset_t *set, int signum) {
    return valid(signum) ? (int)(set->__val[0] >> (signum - 1) & 1) : -1;
}
