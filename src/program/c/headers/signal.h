#include <sockscope/types.h>
#include <sockscope/sigset.h>
#pragma sockscope constants SIGNALS SIGACTION_FLAGS SIGMASK_HOW SIGNAL_CODES
#define SIGCLD SIGCHLD
#define SIGIOT SIGABRT
#define SIGPOLL SIGIO
#define SIGRTMIN 34
#define SIGRTMAX 64
#define NSIG 65
#define _NSIG 65
#define SA_NOMASK SA_NODEFER
#define SA_ONESHOT SA_RESETHAND
typedef int sig_atomic_t;
typedef void (*__sighandler_t)(int);
typedef __sighandler_t sighandler_t;
typedef __sighandler_t sig_t;
#define SIG_DFL ((__sighandler_t)0)
#define SIG_IGN ((__sighandler_t)1)
#define SIG_ERR ((__sighandler_t)-1)
typedef struct {
    int si_signo;
    int si_errno;
    int si_code;
    int __pad0;
    pid_t si_pid;
    uid_t si_uid;
    int si_status;
    int __pad[25];
} siginfo_t;
struct sigaction {
    union {
        __sighandler_t sa_handler;
        void (*sa_sigaction)(int, siginfo_t *, void *);
    };
    sigset_t sa_mask;
    int sa_flags;
    void (*sa_restorer)(void);
};
sighandler_t signal(int signum, sighandler_t handler);
int sigaction(int signum, const struct sigaction *act, struct sigaction *oldact);
int siginterrupt(int sig, int flag);
int kill(pid_t pid, int sig);
int raise(int sig);
int sigprocmask(int how, const sigset_t *set, sigset_t *oldset);
int sigpending(sigset_t *set);
int sigsuspend(const sigset_t *mask);
int sigemptyset(sigset_t *set);
int sigfillset(sigset_t *set);
int sigaddset(sigset_t *set, int signum);
int sigdelset(sigset_t *set, int signum);
int sigismember(const sigset_t *set, int signum);
void psignal(int sig, const char *s);
int sigwait(const sigset_t *restrict set, int *restrict sig);
int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info);
int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info, const struct timespec *restrict timeout);
int sigqueue(pid_t pid, int sig, const union sigval value);
int pthread_sigmask(int how, const sigset_t *set, sigset_t *oldset);
int pthread_kill(unsigned long thread, int sig);
