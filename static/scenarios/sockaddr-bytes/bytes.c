#include <arpa/inet.h>
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

/* Shows the bytes that a struct consists of. */
static void show(const char *what, const void *start, size_t size)
{
    const unsigned char *byte = start;
    printf("%-22s", what);
    for (size_t i = 0; i < size; i++)
        printf(" %02x", byte[i]);
    printf("\n");
}

int main(void)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(8080);
    address.sin_addr.s_addr = htonl(0x7f000001); /* 127.0.0.1 */

    printf("struct in_addr has %zu bytes, struct sockaddr_in %zu, unsigned long %zu\n",
           sizeof(struct in_addr), sizeof address, sizeof(unsigned long));
    show("all of it", &address, sizeof address);
    show("sin_family", &address.sin_family, sizeof address.sin_family);
    show("sin_port", &address.sin_port, sizeof address.sin_port);
    show("sin_addr", &address.sin_addr, sizeof address.sin_addr);
    show("sin_zero", &address.sin_zero, sizeof address.sin_zero);

    /* Without htons() the two bytes of the port change places. */
    unsigned short port = 8080;
    show("8080 without htons()", &port, sizeof port);
    printf("read in network order that is port %d\n", ntohs(port));

    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        die("socket");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    printf("bind() read 16 bytes, and the port is %d\n", ntohs(address.sin_port));
    close(fd);
    return 0;
}
