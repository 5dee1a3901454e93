/* The table of protocols with those of the museum; the program is linked with it in place of the
 * harness's own. */
#include "tests/museum/protocols.h"

#include <stddef.h>

#include "harness/language/protocol.h"
#include "model/client/client.h"
#include "model/master/master.h"
#include "model/worker/worker.h"

static const struct rota_protocol protocols[] = {
    {.name = "rota",
     .summary = "the coordinator itself",
     .master = &rota_master_role,
     .worker = &rota_worker_role,
     .client = &rota_client_role},
    {.name = "python",
     .summary = "a program on kazoo that marks a task before it assigns it",
     .master = &museum_python_master,
     .worker = &museum_python_worker,
     .client = &museum_python_client},
    {.name = "zkcli",
     .summary = "the steps of a zkCli tutorial, automated",
     .master = &museum_zkcli_master,
     .worker = &museum_zkcli_worker,
     .client = &rota_client_role},
    {.name = "java",
     .summary = "a book's Java master, which moves a task by several transactions",
     .master = &museum_java_master,
     .worker = &museum_book_worker,
     .client = &museum_book_client},
    {.name = "c",
     .summary = "a book's C master, which never reassigns a task",
     .master = &museum_c_master,
     .worker = &museum_book_worker,
     .client = &museum_book_client},
    {.name = "lock",
     .summary = "ZooKeeper's lock recipe in C, used as an election",
     .master = &museum_lock_master,
     .worker = &museum_zkcli_worker,
     .client = &rota_client_role},
};

const struct rota_protocol *rota_protocol_at(uint32_t i)
{
    return i < sizeof protocols / sizeof protocols[0] ? &protocols[i] : NULL;
}
