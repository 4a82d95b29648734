#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
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

/* A thread's work: answer one client until it has gone. */
static void *serve(void *argument)
{
    int client = *(int *)argument;
    free(argument);
    char text[32];
    ssize_t length;
    while ((length = recv(client, text, sizeof text, 0)) > 0) {
        if (send(client, text, length, 0) < 0)
            die("send");
    }
    if (length < 0)
        die("recv");
    close(client); /* the process has one table: nobody else may close it */
    return NULL;
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
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        /* Each thread gets memory of its own: a variable of this loop would change under it. */
        int *client = malloc(sizeof *client);
        if (client == NULL)
            die("malloc");
        *client = accept(listener, NULL, NULL);
        if (*client < 0)
            die("accept");
        errno = pthread_create(&threads[i], NULL, serve, client);
        if (errno != 0)
            die("pthread_create");
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    close(listener);
    return 0;
}
