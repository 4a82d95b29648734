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

static void reach(const char *ip, int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (inet_pton(AF_INET, ip, &address.sin_addr) != 1)
        die(ip);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        printf("%s:%d  %s\n", ip, port, strerror(errno));
    else
        printf("%s:%d  connected\n", ip, port);
    close(fd);
}

int main(void)
{
    reach("127.0.0.1", 7001); /* bound to exactly this */
    reach("127.0.0.2", 7001); /* another address of the same machine */
    reach("127.0.0.2", 7002); /* bound to 0.0.0.0 */
    reach("0.0.0.0", 7002);   /* as a destination: this machine */
    reach("127.0.0.1", 7003); /* an IPv6 listener, reached by IPv4 */
    return 0;
}
