// expected: This is not a feature
// expected: such as <saker/signalr.hpp> (link saker::signalr)
#include <saker/saker.hpp>

void configure(saker::web_application& app) { app.add(std::string("/chat")); }
