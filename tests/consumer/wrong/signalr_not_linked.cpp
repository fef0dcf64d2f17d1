// expected: Link saker::signalr: target_link_libraries(app PRIVATE saker::signalr)
#include <saker/signalr.hpp>
