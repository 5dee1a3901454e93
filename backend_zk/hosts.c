#include "backend_zk/hosts.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "model/seam/request_limits.h"
#include "system/memory.h"

bool rota_zk_split(const char *connect, char *hosts, size_t hosts_size, char *chroot,
                   size_t chroot_size)
{
    size_t length = strcspn(connect, "/");
    const char *rest = strcmp(connect + length, "/") == 0 ? "" : connect + length;

    if (length >= hosts_size || strlen(rest) >= chroot_size)
        return false;
    memcpy(hosts, connect, length);
    hosts[length] = '\0';
    memcpy(chroot, rest, strlen(rest) + 1);
    return true;
}

/* Splits "host:port", "host", "[::1]:port" or "::1". Changes `host`; returns the port. */
static const char *port_split(char **host)
{
    char *bracket = strchr(*host, ']');
    char *colon = strrchr(*host, ':');

    if (**host == '[' && bracket != NULL) {
        *bracket = '\0';
        ++*host;
        return bracket[1] == ':' ? bracket + 2 : "2181";
    }
    if (colon == NULL || strchr(*host, ':') != colon)
        return "2181";
    *colon = '\0';
    return colon + 1;
}

static bool port_valid(const char *port)
{
    char *end;
    unsigned long n = strtoul(port, &end, 10);

    return *port >= '0' && *port <= '9' && *end == '\0' && n >= 1 && n <= 65535;
}

/* Appends the numeric addresses of one server to the list. */
static bool resolve_one(FILE *list, char *server, char *reason, size_t reason_size)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char number[NI_MAXHOST];
    char *host = server;
    const char *port;
    int rc;

    snprintf(reason, reason_size, "the server list has an entry that is not HOST:PORT: \"%s\"",
             server);
    port = port_split(&host);
    if (*host == '\0' || !port_valid(port))
        return false;
    rc = getaddrinfo(host, port, &hints, &found);
    if (rc != 0) {
        snprintf(reason, reason_size, "the server \"%s\" cannot be found: %s", host,
                 gai_strerror(rc));
        return false;
    }
    for (const struct addrinfo *a = found; a != NULL; a = a->ai_next)
        if (getnameinfo(a->ai_addr, a->ai_addrlen, number, sizeof number, NULL, 0,
                        NI_NUMERICHOST) == 0)
            fprintf(list, "%s%s:%s", ftell(list) == 0 ? "" : ",", number, port);
    freeaddrinfo(found);
    reason[0] = '\0';
    return true;
}

static bool resolve_all(FILE *list, char *connect, char *reason, size_t reason_size)
{
    char *chroot = strchr(connect, '/');
    char *rest = connect;
    char *server;

    if (chroot != NULL && !rota_path_valid(chroot, false)) {
        snprintf(reason, reason_size, "the chroot \"%s\" is not a valid path", chroot);
        return false;
    }
    if (chroot == connect || *connect == '\0') {
        snprintf(reason, reason_size, "the server list is empty");
        return false;
    }
    if (chroot != NULL)
        *chroot = '\0';
    while ((server = strsep(&rest, ",")) != NULL)
        if (!resolve_one(list, server, reason, reason_size))
            return false;
    return true;
}

char *rota_zk_resolve(const char *connect, char *reason, size_t reason_size)
{
    const char *chroot = strchr(connect, '/');
    char *copy = rota_memory_text(connect);
    char *text = NULL;
    size_t size = 0;
    FILE *list = open_memstream(&text, &size);
    bool done;

    if (list == NULL)
        rota_memory_exhausted();
    done = resolve_all(list, copy, reason, reason_size);
    if (done && chroot != NULL)
        fputs(chroot, list);
    if (fclose(list) != 0)
        rota_memory_exhausted();
    free(copy);
    if (done)
        return text;
    free(text);
    return NULL;
}
