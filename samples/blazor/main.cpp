// The Blazor sample: serves a published Blazor WebAssembly page, whose .NET code calls the hub of
// the SignalR chat sample.

#include <saker/signalr.hpp>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "chat_hub.hpp"

namespace {

void serve_site(saker::web_application& app, const std::string& site) {
  // The names of the files in _framework have what they contain as part of them.
  const saker::static_file_options files{
      .root = site,
      .immutable_files = [](std::string_view path) { return path.starts_with("_framework/"); }};
  app.use_default_files({.root = site});
  app.use_static_files(files);
  // What is none of these is a path of the page's router.
  app.map_fallback_to_file("index.html", files);
}

}  // namespace

int main(int argc, char** argv) {
  std::string site = "build/blazor/wwwroot";
  saker::web_application app(
      argc, argv,
      {{"--site", "The wwwroot that dotnet publish has made of samples/blazor", &site}});
  try {
    serve_site(app, site);
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "--site: %s\n", error.what());
    return 2;
  }
  app.add(saker::signalr::map_hub<chat_hub>(
      "/chat",
      [](saker::signalr::hub_endpoint_options& options) {
        options.connection.allow_stateful_reconnects = true;
      },
      std::make_shared<load_meter>(), ""));
  return app.run();
}
