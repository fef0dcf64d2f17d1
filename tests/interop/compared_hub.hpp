#pragma once

#include <saker/app/web_application.hpp>

/// Maps, below `/compared`, the hubs that ASP.NET Core's test server has as well, method for
/// method.
void map_compared_hubs(saker::web_application& app);
