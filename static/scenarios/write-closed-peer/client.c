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

/* One send() at a peer that has closed. */
static void try_send(int fd, int flags)
{
    ssize_t sent = send(fd, "anyone there?", 13, flags);
    if (sent < 0)
        printf("send(): %s\n", strerror(errno));
    else
        printf("send() took %zd bytes\n", sent);
    fflush(stdout);
}

int main(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("connect");
    /* Wait for the server's FIN. */
    char byte;
    if (recv(fd, &byte, 1, 0) == 0)
        printf("the server has closed\n");

    try_send(fd, 0);            /* the kernel takes it, and the server's kernel answers with RST */
    try_send(fd, MSG_NOSIGNAL); /* EPIPE: now the connection is gone */
    try_send(fd, 0);            /* the same, and SIGPIPE ends the process */
    printf("this line is never reached\n");
    return 0;
}
