/* Handlers, masks and what is pending. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t count;
static int order[8];

static void note(int sig)
{
    int saved = errno;
    order[count++] = sig;
    errno = saved;
}

static void with_info(int sig, siginfo_t *info, void *context)
{
    (void)context;
    printf("info %d %d %d\n", sig, info->si_signo, info->si_pid == getpid());
}

static void nested(int sig)
{
    order[count++] = sig;
    if (sig == SIGUSR1 && count == 1) {
        raise(SIGUSR2);
        raise(SIGUSR1);
        order[count++] = -sig;
    }
}

static void show(const char *what)
{
    int i;
    printf("%s:", what);
    for (i = 0; i < count; i++)
        printf(" %d", order[i]);
    printf("\n");
    count = 0;
}

int main(void)
{
    struct sigaction act, old;
    sigset_t set, was;
    memset(&act, 0, sizeof act);
    printf("%d\n", signal(SIGUSR1, note) == SIG_DFL);
    raise(SIGUSR1);
    raise(SIGUSR1);
    show("signal");
    printf("%d\n", signal(SIGUSR1, SIG_IGN) == note);
    raise(SIGUSR1);
    show("ignored");

    act.sa_handler = note;
    sigemptyset(&act.sa_mask);
    sigaction(SIGUSR1, &act, &old);
    printf("%d %d\n", old.sa_handler == SIG_IGN, old.sa_flags & SA_RESTART);
    sigaction(SIGUSR2, &act, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, &was);
    raise(SIGUSR2);
    raise(SIGUSR1);
    raise(SIGUSR1);
    show("blocked");
    sigpending(&set);
    printf("pending %d %d %d\n", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2), sigismember(&set, SIGINT));
    sigprocmask(SIG_SETMASK, &was, NULL);
    show("unblocked");

    act.sa_handler = nested;
    sigaction(SIGUSR1, &act, NULL);
    sigaction(SIGUSR2, &act, NULL);
    raise(SIGUSR1);
    show("nested");
    act.sa_flags = SA_NODEFER | SA_RESETHAND;
    act.sa_handler = note;
    sigaction(SIGUSR2, &act, NULL);
    raise(SIGUSR2);
    sigaction(SIGUSR2, NULL, &old);
    printf("reset %d\n", old.sa_handler == SIG_DFL);
    show("once");

    act.sa_sigaction = with_info;
    act.sa_flags = SA_SIGINFO;
    sigaction(SIGTERM, &act, NULL);
    kill(getpid(), SIGTERM);
    errno = 0;
    count = sigaction(SIGKILL, &act, NULL);
    printf("%d %d\n", count, errno == EINVAL);
    errno = 0;
    count = sigaddset(&set, 65);
    printf("%d %d\n", count, errno == EINVAL);
    printf("%d\n", signal(99, note) == SIG_ERR);
    return 0;
}
