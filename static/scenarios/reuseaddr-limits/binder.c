#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket with SO_REUSEADDR. */
static int reusing(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) {
        perror("socket");
        exit(EXIT_FAILURE);
    }
    return fd;
}

static void say(const char *what, int result)
{
    printf("%-28s %s\n", what, result < 0 ? strerror(errno) : "ok");
}

int main(void)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    const struct sockaddr *at = (struct sockaddr *)&address;

    /* Both want to share, and nobody listens: bind() lets both have the port. */
    int first = reusing();
    int second = reusing();
    say("bind(first)", bind(first, at, sizeof address));
    say("bind(second)", bind(second, at, sizeof address));

    /* Only one of them can listen. */
    say("listen(first)", listen(first, 5));
    say("listen(second)", listen(second, 5));

    /* And beside a listener nobody binds, SO_REUSEADDR or not. */
    int third = reusing();
    say("bind(third)", bind(third, at, sizeof address));

    close(first);
    close(second);
    close(third);
    return 0;
}
