// expected: Link saker::redis: target_link_libraries(app PRIVATE saker::redis)
#include <saker/redis.hpp>
