/* Tells with what it was executed. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int i;
    printf("second %d:", argc);
    for (i = 0; i < argc; i++)
        printf(" %s", argv[i]);
    printf(", kept %d", fcntl(3, F_GETFD) == 0);
    printf(", closed %d", fcntl(4, F_GETFD) == -1);
    printf(", ignored %d", signal(SIGUSR1, SIG_DFL) == SIG_IGN);
    printf(", default %d\n", signal(SIGUSR2, SIG_DFL) == SIG_DFL);
    return argc == 3 ? 42 : 0;
}
