#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* One attempt is one socket. */
static int attempt(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    printf("connect(): %s\n", strerror(errno));
    close(fd);
    return -1;
}

int main(void)
{
    int fd = attempt();
    while (fd < 0) {
        /* Nobody listens yet. Wait a little, then ask again with a fresh socket. */
        usleep(300 * 1000);
        fd = attempt();
    }
    printf("connected\n");
    close(fd);
    return 0;
}
