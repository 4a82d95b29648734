#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int stream_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) {
        perror("socket");
        exit(EXIT_FAILURE);
    }
    return fd;
}

/* Asks for an address, and says what the kernel answers. */
static void try_bind(int fd, const char *ip, unsigned short port)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (inet_pton(AF_INET, ip, &address.sin_addr) != 1) {
        fprintf(stderr, "%s is no address\n", ip);
        exit(EXIT_FAILURE);
    }
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        printf("%-11s %5d  %s\n", ip, port, strerror(errno));
    else
        printf("%-11s %5d  ok\n", ip, port);
}

int main(void)
{
    int first = stream_socket();
    int second = stream_socket();

    try_bind(first, "127.0.0.1", 8080);   /* nobody has it */
    try_bind(second, "127.0.0.1", 8080);  /* EADDRINUSE: the first socket has it */
    try_bind(second, "0.0.0.0", 8080);    /* EADDRINUSE: every address includes that one */
    try_bind(first, "127.0.0.1", 9090);   /* EINVAL: this socket already has an address */
    try_bind(second, "192.0.2.1", 8080);  /* EADDRNOTAVAIL: not an address of this machine */
    try_bind(second, "127.0.0.1", 80);    /* EACCES: below 1024, and we are not root */
    try_bind(second, "127.0.0.2", 8080);  /* the same port at another local address */

    close(first);
    close(second);
    return 0;
}
