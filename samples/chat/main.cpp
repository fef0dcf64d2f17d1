// The chat sample: rooms with names, who is here, what was said last, and a page that comes back
// after the connection was lost.

#include <saker/saker.hpp>

#include <memory>
#include <string>

#include "room.hpp"

namespace {

constexpr std::size_t longest_name = 32;
constexpr std::size_t longest_line = 2'000;

/// In the room from construction to destruction, however the handler ends.
class membership {
 public:
  membership(std::shared_ptr<room> in, saker::websocket& socket, const std::string& wanted_name)
      : room_(std::move(in)), name_(room_->join(socket, wanted_name)) {}
  ~membership() { room_->leave(name_); }
  membership(const membership&) = delete;
  membership& operator=(const membership&) = delete;

  void say(std::string_view text) { room_->say(name_, text); }

 private:
  std::shared_ptr<room> room_;
  std::string name_;
};

saker::task<void> refuse(saker::http_context& context, std::string_view why) {
  context.response().set_status(400);
  return context.response().send(why, "text/plain; charset=utf-8");
}

saker::task<void> chat(room_directory& rooms, saker::http_context& context) {
  const std::string name(context.request().query("name").value_or(""));
  const std::string room_name(context.request().route_value("room"));
  if (!context.websockets().is_websocket_request()) {
    co_await refuse(context, "Connect with a WebSocket.\n");
    co_return;
  }
  if (name.empty() || name.size() > longest_name || room_name.size() > longest_name) {
    co_await refuse(context, "Names of people and rooms have 1 to 32 bytes.\n");
    co_return;
  }
  const auto found = rooms.find_or_make(room_name);
  if (!found) {
    co_await refuse(context, "There are too many rooms.\n");
    co_return;
  }
  auto socket = co_await context.websockets().accept();
  membership member(found, socket, name);
  for (;;) {
    const auto message = co_await socket.receive_message();
    if (message.is_close()) break;
    if (message.is_text() && message.size() != 0) member.say(message.text());
  }
  co_await socket.close();
}

}  // namespace

int main(int argc, char** argv) {
  room_directory rooms;  // Outlives the application whose handlers use it.
  saker::web_application app(argc, argv);
  saker::websocket_options options;
  options.max_message_size = longest_line;
  // A page that has lost its connection without a word is noticed, and leaves the room.
  options.keep_alive_interval = std::chrono::seconds(15);
  options.keep_alive_timeout = std::chrono::seconds(15);
  app.use_websockets(options);
  app.use_default_files({.root = "saker-chat.wwwroot"});
  app.use_static_files("saker-chat.wwwroot");
  app.map("/rooms/{room}", [&rooms](saker::http_context& context) { return chat(rooms, context); });
  return app.run();
}
