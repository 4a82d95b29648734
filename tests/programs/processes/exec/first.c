/* Executes another program in a child. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void nothing(int sig)
{
    (void)sig;
}

int main(void)
{
    int status, kept = socket(AF_INET, SOCK_STREAM, 0);
    int closed = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)kept;
    (void)closed;
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, nothing);
    execl("/no/where", "where", (char *)NULL);
    printf("second is not there: %d\n", errno == ENOENT);
    fflush(stdout);
    if (fork() == 0) {
        char *args[] = { "second", "a", "b", NULL };
        execvp("./second", args);
        return 1;
    }
    wait(&status);
    printf("status %d\n", WEXITSTATUS(status));
    return 0;
}
