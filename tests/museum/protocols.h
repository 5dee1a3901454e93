/* The museum: protocols that are broken, written from what is said of them. docs/MUSEUM.md says
 * what each breaks; the harness must catch all of them. */
#ifndef ROTA_TESTS_MUSEUM_PROTOCOLS_H
#define ROTA_TESTS_MUSEUM_PROTOCOLS_H

#include "model/seam/role.h"

/* A Python program on kazoo: marks a task, then assigns it; who lost the election acts as well. */
extern const struct rota_role museum_python_master;
extern const struct rota_role museum_python_worker;
extern const struct rota_role museum_python_client;

/* A walk through master, worker and client in zkCli, automated: each event assigns all tasks. */
extern const struct rota_role museum_zkcli_master;
extern const struct rota_role museum_zkcli_worker;

/* A book's masters, which move a task by several transactions. The one in Java recovers what lost
 * workers held, without the payload; the one in C never does, and divides by the number of workers.
 * Both have the book's workers and clients. */
extern const struct rota_role museum_java_master;
extern const struct rota_role museum_c_master;
extern const struct rota_role museum_book_worker;
extern const struct rota_role museum_book_client;

/* ZooKeeper's lock recipe in C as an election: it says "locked" when it has given up. Its workers
 * are those of zkCli. */
extern const struct rota_role museum_lock_master;

#endif
