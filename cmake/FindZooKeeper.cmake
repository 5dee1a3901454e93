# Debian ships libzookeeper_mt without a pkg-config file.
find_path(ZOOKEEPER_INCLUDE zookeeper/zookeeper.h REQUIRED)
find_library(ZOOKEEPER_MT zookeeper_mt REQUIRED)
find_package(Threads REQUIRED)
add_library(ZooKeeper::mt INTERFACE IMPORTED)
target_include_directories(ZooKeeper::mt SYSTEM INTERFACE "${ZOOKEEPER_INCLUDE}")
target_compile_definitions(ZooKeeper::mt INTERFACE THREADED)
target_link_libraries(ZooKeeper::mt INTERFACE "${ZOOKEEPER_MT}" Threads::Threads m)
