/* The roles of the broken protocols in the museum. They are written from descriptions of such
 * programs; docs/MUSEUM.md says what each of them breaks, and the harness must catch them all. */
#ifndef ROTA_TESTS_MUSEUM_PROTOCOLS_H
#define ROTA_TESTS_MUSEUM_PROTOCOLS_H

#include "model/seam/role.h"

/* A Python program on kazoo: it marks a task and then assigns it, and a master that has lost the
 * election acts as well. */
extern const struct rota_role museum_python_master;
extern const struct rota_role museum_python_worker;
extern const struct rota_role museum_python_client;

/* The steps of a zkCli tutorial for master, worker and client, automated: each event assigns all
 * tasks. */
extern const struct rota_role museum_zkcli_master;
extern const struct rota_role museum_zkcli_worker;

/* A book's masters, which move a task by several transactions. The one in Java recovers the tasks
 * of lost workers, but without their payload. The one in C never recovers them, and divides by the
 * number of workers. Both use the book's workers and clients. */
extern const struct rota_role museum_java_master;
extern const struct rota_role museum_c_master;
extern const struct rota_role museum_book_worker;
extern const struct rota_role museum_book_client;

/* ZooKeeper's lock recipe in C, used as an election: it says "locked" when it has given up. Its
 * workers are those of zkCli. */
extern const struct rota_role museum_lock_master;

#endif
