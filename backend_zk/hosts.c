#include "backend_zk/hosts.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "model/seam/request_limits.h"
#include "system/memory.h"

#define BLANKS " \t\r\n"

/* A connect string that is being read. */
struct reading {
    rota_zk_lookup_f lookup;
    char *reason;
    size_t reason_size;
    FILE *list;        /* the addresses found */
    uint32_t found;    /* addresses */
    uint32_t failed;   /* names that were not found */
    char missing[512]; /* the sentence about the first of them */
};

/* ---- text ---- */

/* Cuts blanks off both ends. Changes the text; returns where it begins then. */
static char *trimmed(char *text)
{
    size_t length;

    text += strspn(text, BLANKS);
    length = strlen(text);
    while (length > 0 && strchr(BLANKS, text[length - 1]) != NULL)
        length--;
    text[length] = '\0';
    return text;
}

/* The same, with one comma at the end. */
static char *trimmed_list(char *text)
{
    size_t length;

    text = trimmed(text);
    length = strlen(text);
    if (length > 1 && text[length - 1] == ',') {
        text[length - 1] = '\0';
        text = trimmed(text);
    }
    return text;
}

/* Splits a connect string in place. Returns the hosts; `*chroot` is NULL if there is none. */
static char *split_in_place(char *connect, char **chroot)
{
    char *text = trimmed_list(connect);
    char *slash = strchr(text, '/');

    *chroot = NULL;
    if (slash == NULL)
        return text;
    if (slash[1] != '\0')
        *chroot = rota_memory_text(slash);
    *slash = '\0';
    return trimmed_list(text);
}

static bool copy_fits(char *to, size_t size, const char *text)
{
    size_t length = strlen(text);

    if (length >= size)
        return false;
    memcpy(to, text, length + 1);
    return true;
}

/* Copies a list without the blanks around its hosts. */
static char *without_blanks(const char *list)
{
    size_t size = strlen(list) + 1;
    size_t used = 0;
    char *copy = rota_memory_text(list);
    char *rest = copy;
    char *text = rota_memory_zeroed(1, size);
    char *host;

    while ((host = strsep(&rest, ",")) != NULL)
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", used == 0 ? "" : ",", trimmed(host));
    free(copy);
    return text;
}

bool rota_zk_split(const char *connect, char *hosts, size_t hosts_size, char *chroot,
                   size_t chroot_size)
{
    char *copy = rota_memory_text(connect);
    char *path;
    char *list = without_blanks(split_in_place(copy, &path));
    bool fits = copy_fits(hosts, hosts_size, list) &&
                copy_fits(chroot, chroot_size, path != NULL ? path : "");

    free(path);
    free(list);
    free(copy);
    return fits;
}

uint32_t rota_zk_hosts_chroot_length(const char *connect)
{
    char *copy = rota_memory_text(connect);
    char *path;
    uint32_t length;

    split_in_place(copy, &path);
    length = path != NULL ? (uint32_t)strlen(path) : 0;
    free(path);
    free(copy);
    return length;
}

/* ---- servers ---- */

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

/* Adds an address to the list unless the list has it. */
static void add_address(struct reading *r, char **seen, const char *number, const char *port)
{
    size_t size = strlen(number) + strlen(port) + 4;
    char *one = rota_memory_zeroed(1, size);
    char *all;

    snprintf(one, size, ",%s:%s,", number, port);
    if (strstr(*seen, one) == NULL) {
        fprintf(r->list, "%s%s:%s", r->found++ == 0 ? "" : ",", number, port);
        size += strlen(*seen);
        all = rota_memory_zeroed(1, size);
        snprintf(all, size, "%s%s", *seen, one);
        free(*seen);
        *seen = all;
    }
    free(one);
}

/* Appends the numeric addresses of one server to the list; without a list the server is only
 * checked. */
static bool resolve_one(struct reading *r, char **seen, char *server)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char number[NI_MAXHOST];
    char *host = server;
    const char *port;
    int rc;

    snprintf(r->reason, r->reason_size,
             "the server list has an entry that is not HOST:PORT: \"%s\"", server);
    port = port_split(&host);
    if (*host == '\0' || !port_valid(port))
        return false;
    r->reason[0] = '\0';
    if (r->list == NULL)
        return true;
    rc = r->lookup(host, port, &hints, &found);
    if (rc != 0) {
        if (r->failed++ == 0)
            snprintf(r->missing, sizeof r->missing, "the server \"%s\" cannot be found: %s", host,
                     gai_strerror(rc));
        return true;
    }
    for (const struct addrinfo *a = found; a != NULL; a = a->ai_next)
        if (getnameinfo(a->ai_addr, a->ai_addrlen, number, sizeof number, NULL, 0,
                        NI_NUMERICHOST) == 0)
            add_address(r, seen, number, port);
    freeaddrinfo(found);
    return true;
}

static bool resolve_all(struct reading *r, char *hosts, const char *chroot)
{
    char *rest = hosts;
    char *seen = rota_memory_text(",");
    char *server;
    bool done = true;

    if (chroot != NULL && strchr(chroot, ',') != NULL) {
        snprintf(
            r->reason, r->reason_size,
            "the chroot goes once, at the end, as in HOST:PORT,HOST:PORT/chroot; \"%s\" is not "
            "the end of the server list",
            chroot);
        done = false;
    } else if (chroot != NULL && !rota_path_valid(chroot, false)) {
        snprintf(r->reason, r->reason_size, "the chroot \"%s\" is not a valid path", chroot);
        done = false;
    } else if (*hosts == '\0') {
        snprintf(r->reason, r->reason_size, "the server list is empty");
        done = false;
    }
    while (done && (server = strsep(&rest, ",")) != NULL)
        done = resolve_one(r, &seen, trimmed(server));
    free(seen);
    return done;
}

bool rota_zk_hosts_check(const char *connect, char *reason, size_t reason_size)
{
    struct reading r = {.reason = reason, .reason_size = reason_size};
    char *copy = rota_memory_text(connect);
    char *chroot;
    char *hosts = split_in_place(copy, &chroot);
    bool done = resolve_all(&r, hosts, chroot);

    free(chroot);
    free(copy);
    return done;
}

/* Looks up numeric addresses only. */
static int lookup_numeric(const char *host, const char *port, const struct addrinfo *hints,
                          struct addrinfo **found)
{
    struct addrinfo numeric = *hints;

    numeric.ai_flags |= AI_NUMERICHOST;
    return getaddrinfo(host, port, &numeric, found);
}

static char *resolve(struct reading *r, const char *connect)
{
    char *copy = rota_memory_text(connect);
    char *chroot;
    char *hosts = split_in_place(copy, &chroot);
    char *text = NULL;
    size_t size = 0;
    bool done;

    r->list = open_memstream(&text, &size);
    if (r->list == NULL)
        rota_memory_exhausted();
    done = resolve_all(r, hosts, chroot) && r->found > 0;
    if (done && chroot != NULL)
        fputs(chroot, r->list);
    if (fclose(r->list) != 0)
        rota_memory_exhausted();
    free(chroot);
    free(copy);
    if (done) {
        r->reason[0] = '\0';
        return text;
    }
    if (r->reason[0] == '\0')
        snprintf(r->reason, r->reason_size, "%s", r->missing);
    free(text);
    return NULL;
}

bool rota_zk_hosts_named(const char *connect)
{
    char reason[512];
    struct reading r = {.lookup = lookup_numeric, .reason = reason, .reason_size = sizeof reason};
    char *list = resolve(&r, connect);

    free(list);
    return r.failed > 0;
}

char *rota_zk_resolve_by(const char *connect, rota_zk_lookup_f lookup, char *reason,
                         size_t reason_size)
{
    struct reading r = {.lookup = lookup != NULL ? lookup : getaddrinfo,
                        .reason = reason,
                        .reason_size = reason_size};

    reason[0] = '\0';
    return resolve(&r, connect);
}

char *rota_zk_resolve(const char *connect, char *reason, size_t reason_size)
{
    return rota_zk_resolve_by(connect, NULL, reason, reason_size);
}

/* ---- the library's form ---- */

char *rota_zk_hosts_odd(const char *resolved, unsigned random)
{
    size_t length = strcspn(resolved, "/");
    uint32_t count = 1;
    const char *one = resolved;
    char *odd;
    size_t size;

    for (size_t i = 0; i < length; i++)
        count += resolved[i] == ',';
    if (count % 2 == 1)
        return rota_memory_text(resolved);
    for (unsigned i = random % count; i > 0; i--)
        one = strchr(one, ',') + 1;
    size = strlen(resolved) + strlen(one) + 2;
    odd = rota_memory_zeroed(1, size);
    snprintf(odd, size, "%.*s,%.*s%s", (int)length, resolved, (int)strcspn(one, ",/"), one,
             resolved + length);
    return odd;
}
