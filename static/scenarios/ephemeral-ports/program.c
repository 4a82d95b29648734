#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
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

static int new_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        die("socket");
    return fd;
}

static struct sockaddr_in local(int port)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

/* Something to connect to; the queue holds all connections, nobody accepts. */
static int listener_on(int port)
{
    int fd = new_socket();
    struct sockaddr_in address = local(port);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(fd, 10) < 0)
        die("listen");
    return fd;
}

/* What the call gave: an error, or a port. */
static void tell(const char *what, int fd, int result)
{
    int error = errno;
    struct sockaddr_in mine;
    socklen_t length = sizeof mine;
    if (getsockname(fd, (struct sockaddr *)&mine, &length) < 0)
        die("getsockname");
    if (result < 0)
        printf("%s: %s\n", what, strerror(error));
    else
        printf("%s: port %d\n", what, ntohs(mine.sin_port));
}

static void try_connect(const char *what, int fd, int port)
{
    struct sockaddr_in to = local(port);
    tell(what, fd, connect(fd, (struct sockaddr *)&to, sizeof to));
}

static void try_bind(const char *what, int fd)
{
    struct sockaddr_in any = local(0);
    tell(what, fd, bind(fd, (struct sockaddr *)&any, sizeof any));
}

int main(void)
{
    listener_on(12345);
    listener_on(12346);
    int fd = new_socket();
    try_bind("bind to port 0", fd);
    close(fd);

    /* net.ipv4.ip_local_port_range is 40000 to 40001 here: two ports. */
    for (int i = 0; i < 3; i++)
        try_connect("connect to 12345", new_socket(), 12345);

    /* Both are taken. For whom? */
    try_connect("connect to 12346", new_socket(), 12346);
    try_bind("bind to port 0", new_socket());
    fd = new_socket();
    tell("listen without bind", fd, listen(fd, 1));

    /* An address now, a port when it is known where the connection goes. */
    fd = new_socket();
    int on = 1;
    if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) < 0)
        die("setsockopt");
    try_bind("bind with IP_BIND_ADDRESS_NO_PORT", fd);
    try_connect("and connect to 12346", fd, 12346);
    return 0;
}
