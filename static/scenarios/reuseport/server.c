#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* A listening socket on port 12345, with SO_REUSEPORT or without it. */
static int listener(const char *who, int reuse)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        die("socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &reuse, sizeof reuse) < 0)
        die("setsockopt");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die(who);
    if (listen(fd, 5) < 0)
        die("listen");
    printf("%s listens\n", who);
    fflush(stdout);
    return fd;
}

static int next_client(int fd)
{
    int client = accept(fd, NULL, NULL);
    if (client < 0)
        die("accept");
    return client;
}

static void answer(int client, const char *text)
{
    if (send(client, text, strlen(text), 0) < 0)
        die("send");
    close(client);
}

/* The new version of the server: a socket of its own, on the same port. */
static void new_version(int ready)
{
    int fd = listener("the new version", 1);
    if (write(ready, "", 1) != 1)
        die("write");
    answer(next_client(fd), "served by the new version");
    close(fd);
    exit(EXIT_SUCCESS);
}

/* server: replaces itself while a client is served. server plain: does not set the option. */
int main(int argc, char *argv[])
{
    if (argc > 1 && strcmp(argv[1], "plain") == 0) {
        close(listener("a server without SO_REUSEPORT", 0));
        return 0;
    }
    int fd = listener("the old version", 1);
    int client = next_client(fd);

    int ready[2];
    if (pipe(ready) < 0)
        die("pipe");
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0) {
        close(fd); /* it does not need this one */
        close(client);
        new_version(ready[1]);
    }
    char byte;
    if (read(ready[0], &byte, 1) != 1) /* now both listen */
        die("read");
    close(fd);
    answer(client, "served by the old version, to the end");
    waitpid(child, NULL, 0);
    return 0;
}
