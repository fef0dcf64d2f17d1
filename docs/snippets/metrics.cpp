#include <saker/saker.hpp>

#include <string>

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  app.map_get("/metrics", [&app](saker::http_context& context) {
    const auto now = app.websocket_metrics();
    std::string text;
    const auto add = [&text](const char* name, const char* type, std::uint64_t value) {
      text += std::string("# TYPE ") + name + " " + type + "\n" + name + " ";
      text += std::to_string(value) + "\n";
    };
    add("websockets_open", "gauge", now.open);
    add("websockets_opened_total", "counter", now.opened);
    add("websockets_bytes_sent_total", "counter", now.bytes_sent);
    add("websockets_messages_dropped_total", "counter", now.messages_dropped);
    return context.response().send(text, "text/plain; version=0.0.4");
  });

  return app.run();
}
