#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Tries to connect, and says how it ended and after how many seconds. */
static void attempt(const char *text)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) {
        perror("socket");
        exit(EXIT_FAILURE);
    }
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = inet_addr(text);
    address.sin_port = htons(80);

    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    int result = connect(fd, (struct sockaddr *)&address, sizeof address);
    const char *how = result == 0 ? "connected" : strerror(errno);
    clock_gettime(CLOCK_MONOTONIC, &after);

    double seconds = (after.tv_sec - before.tv_sec) + (after.tv_nsec - before.tv_nsec) / 1e9;
    printf("%s: %s, after %d s\n", text, how, (int)seconds);
    fflush(stdout);
    close(fd);
}

int main(void)
{
    attempt("127.0.0.1");    /* this machine, nobody listens */
    attempt("203.0.113.1");  /* no route leads there */
    attempt("192.0.2.7");    /* on our link, and nobody has that address */
    attempt("198.51.100.7"); /* somebody has it, and never answers */
    return 0;
}
