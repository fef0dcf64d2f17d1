// expected: Link saker::authentication: target_link_libraries(app PRIVATE saker::authentication)
#include <saker/authentication.hpp>
