#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* Puts a descriptor among those that are watched. */
static void watch(int epoll, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        die("epoll_ctl");
}

int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(listener, 5) < 0)
        die("listen");
    int epoll = epoll_create1(0);
    if (epoll < 0)
        die("epoll_create1");
    watch(epoll, listener);

    int gone = 0;
    while (gone < 2) {
        /* The one place where this server sleeps. One event at a time is enough here. */
        struct epoll_event event;
        if (epoll_wait(epoll, &event, 1, -1) < 0)
            die("epoll_wait");
        int fd = event.data.fd;
        if (fd == listener) {
            int client = accept(listener, NULL, NULL);
            if (client < 0)
                die("accept");
            watch(epoll, client);
            continue;
        }

        char text[32];
        ssize_t length = recv(fd, text, sizeof text, 0);
        if (length < 0)
            die("recv");
        if (length == 0) {
            close(fd); /* the kernel forgets it, and so does epoll */
            gone++;
        } else if (send(fd, text, length, 0) < 0) {
            die("send");
        }
    }
    close(epoll);
    close(listener);
    return 0;
}
