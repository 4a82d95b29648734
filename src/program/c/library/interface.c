/* if_nametoindex(3) of a host with a loopback device; cmsg(3); sockatmark(3). */
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

unsigned int if_nametoindex(const char *ifname) {
    if (strcmp(ifname, "lo") == 0)
        return 1;
    errno = ENODEV;
    return 0;
}

char *if_indextoname(unsigned int ifindex, char *ifname) {
    if (ifindex == 1)
        return strcpy(ifname, "lo");
    errno = ENXIO;
    return NULL;
}

typedef struct cmsghdr header;

/* The next header, if there is room for one and for the data of this one. */
header *__cmsg_nxthdr(struct msghdr *mhdr, struct cmsghdr *cmsg) {
    unsigned long end = (unsigned long)mhdr->msg_control + mhdr->msg_controllen;
    unsigned long at = (unsigned long)cmsg, length = cmsg->cmsg_len;
    if (length < sizeof *cmsg || end - at < CMSG_ALIGN(length))
        return NULL;
    at += CMSG_ALIGN(length);
    return end - at < sizeof *cmsg ? NULL : (struct cmsghdr *)at;
}

int sockatmark(int sockfd) {
    int at_mark;
    return ioctl(sockfd, SIOCATMARK, &at_mark) < 0 ? -1 : at_mark;
}
