/* A thread for each client, which nobody joins; the main thread leaves before the last of them. */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS 3

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t done = PTHREAD_COND_INITIALIZER;
static int served;
static struct sockaddr_in address;

static void *serve(void *arg)
{
    int fd = *(int *)arg;
    char buffer[64];
    ssize_t n;

    free(arg);
    pthread_detach(pthread_self());
    while ((n = recv(fd, buffer, sizeof buffer, 0)) > 0)
        send(fd, buffer, n, 0);
    close(fd);
    pthread_mutex_lock(&lock);
    served++;
    pthread_cond_signal(&done);
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *client(void *arg)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), i, good = 0;
    char out[32], in[32];

    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return NULL;
    for (i = 0; i < 10; i++) {
        int n = snprintf(out, sizeof out, "client %d message %d", *(int *)arg, i);
        send(fd, out, n, 0);
        if (recv(fd, in, n, MSG_WAITALL) == n && memcmp(in, out, n) == 0)
            good++;
    }
    close(fd);
    return (void *)(long)good;
}

static void *last(void *arg)
{
    pthread_mutex_lock(&lock);
    while (served < CLIENTS)
        pthread_cond_wait(&done, &lock);
    pthread_mutex_unlock(&lock);
    printf("served %d\n", served);
    (void)arg;
    return NULL;
}

int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0), i, numbers[CLIENTS];
    pthread_t clients[CLIENTS], other;
    long good = 0;
    void *result;

    address.sin_family = AF_INET;
    address.sin_port = htons(21960);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, CLIENTS);
    for (i = 0; i < CLIENTS; i++) {
        numbers[i] = i;
        pthread_create(&clients[i], NULL, client, &numbers[i]);
    }
    for (i = 0; i < CLIENTS; i++) {
        int *fd = malloc(sizeof *fd);
        *fd = accept(listener, NULL, NULL);
        pthread_create(&other, NULL, serve, fd);
    }
    for (i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i], &result);
        good += (long)result;
    }
    printf("good %ld\n", good);
    fflush(stdout);
    pthread_create(&other, NULL, last, NULL);
    pthread_exit(NULL);
}
