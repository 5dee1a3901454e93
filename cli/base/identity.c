#include "cli/base/identity.h"

#include <stdio.h>
#include <unistd.h>

enum { HOST_SIZE = 65 };

static void own_host(char host[HOST_SIZE])
{
    if (gethostname(host, HOST_SIZE) != 0)
        snprintf(host, HOST_SIZE, "localhost");
    host[HOST_SIZE - 1] = '\0';
}

void rota_identity_master_address(char *text, size_t size)
{
    char host[HOST_SIZE];

    own_host(host);
    snprintf(text, size, "%s %d", host, (int)getpid());
}

void rota_identity_worker_address(char *text, size_t size)
{
    char host[HOST_SIZE];

    own_host(host);
    snprintf(text, size, "%s/%d", host, (int)getpid());
}

void rota_identity_name(char *text, size_t size, const char *prefix)
{
    char host[HOST_SIZE];

    own_host(host);
    snprintf(text, size, "%s-%s-%d", prefix, host, (int)getpid());
}
