/* A thread sleeps in a call on a descriptor that another thread shuts down or closes. */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in address;

static int listener(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd, (struct sockaddr *)&address, sizeof address);
    listen(fd, 5);
    return fd;
}

static void *accepts(void *arg)
{
    int fd = accept(*(int *)arg, NULL, NULL);

    if (fd < 0) {
        printf("accept: %s\n", strerror(errno));
        return NULL;
    }
    printf("accepted\n");
    close(fd);
    return NULL;
}

static void *receives(void *arg)
{
    char buffer[8];
    ssize_t n = recv(*(int *)arg, buffer, sizeof buffer, 0);

    printf("received %zd\n", n);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    int fd = listener(21961), pair[2], copy;

    pthread_create(&thread, NULL, accepts, &fd);
    usleep(300000);
    shutdown(fd, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(fd);

    /* The sleeping call holds the listener: it still accepts. */
    fd = copy = listener(21962);
    pthread_create(&thread, NULL, accepts, &fd);
    usleep(300000);
    close(copy);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    printf("connect %d\n", connect(fd, (struct sockaddr *)&address, sizeof address));
    pthread_join(thread, NULL);
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        printf("connect: %s\n", strerror(errno));

    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    pthread_create(&thread, NULL, receives, &pair[0]);
    usleep(300000);
    shutdown(pair[0], SHUT_RD);
    pthread_join(thread, NULL);
    return 0;
}
