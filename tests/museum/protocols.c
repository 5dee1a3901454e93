/* The table of protocols with the museum in it; it takes the place of the harness's own. */
#include <stddef.h>

#include "harness/language/protocol.h"
#include "model/client/client.h"
#include "model/master/master.h"
#include "model/worker/worker.h"
#include "tests/museum/protocols.h"

static const struct rota_protocol protocols[] = {
    {"rota", "the coordinator itself", &rota_master_role, &rota_worker_role, &rota_client_role},
    {"python", "a program on kazoo that marks a task before it assigns it", &museum_python_master,
     &museum_python_worker, &museum_python_client},
    {"zkcli", "a walk through zkCli, automated", &museum_zkcli_master, &museum_zkcli_worker,
     &rota_client_role},
    {"java", "a book's Java master, which moves tasks by several transactions", &museum_java_master,
     &museum_book_worker, &museum_book_client},
    {"c", "a book's C master, which never reassigns", &museum_c_master, &museum_book_worker,
     &museum_book_client},
    {"lock", "ZooKeeper's lock recipe in C as an election", &museum_lock_master,
     &museum_zkcli_worker, &rota_client_role},
};

const struct rota_protocol *rota_protocol_at(uint32_t i)
{
    return i < sizeof protocols / sizeof protocols[0] ? &protocols[i] : NULL;
}
