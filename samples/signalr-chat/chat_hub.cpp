#include "chat_hub.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace {

using saker::async_generator;
using saker::task;
using saker::signalr::hub_error;

constexpr std::size_t longest_name = 32;
constexpr std::size_t longest_text = 2'000;

void require_size(const std::string& text, std::size_t most, const char* what) {
  if (!text.empty() && text.size() <= most) return;
  throw hub_error(std::string(what) + " has 1 to " + std::to_string(most) + " bytes.");
}

std::string name_of(saker::signalr::transport_type transport) {
  using enum saker::signalr::transport_type;
  switch (transport) {
    case websockets: return "WebSockets";
    case server_sent_events: return "Server-Sent Events";
    case long_polling: return "long polling";
    case none: break;
  }
  return "nothing yet";
}

}  // namespace

void chat_hub::define(saker::signalr::hub_methods<chat_hub>& methods) {
  methods.add("Send", &chat_hub::send)
      .add("Server", &chat_hub::server)
      .add("Carrier", &chat_hub::carrier)
      .add("JoinRoom", &chat_hub::join_room)
      .add("LeaveRoom", &chat_hub::leave_room)
      .add("SendToRoom", &chat_hub::send_to_room)
      .add("Typing", &chat_hub::typing)
      .add("Load", &chat_hub::load)
      .add("Upload", &chat_hub::upload);
}

task<void> chat_hub::on_disconnected(std::exception_ptr) {
  const auto room = current_room();
  if (!room.empty()) leave_room(room);
  return {};
}

void chat_hub::send(const std::string& user, const std::string& text) {
  require_size(user, longest_name, "A name");
  require_size(text, longest_text, "A message");
  clients().all().send(chat_client::receive_message, user, text);
}

carrier_report chat_hub::carrier() const {
  const auto& request = context().request();
  return {.transport = name_of(context().transport()),
          .protocol = std::string(context().protocol()),
          .http = std::string(request.protocol()),
          .method = request.method()};
}

/// An object is made for every call; what belongs to the connection is kept with it.
std::string& chat_hub::current_room() {
  auto& kept = context().items()["room"];
  if (!kept.has_value()) kept = std::string();
  return std::any_cast<std::string&>(kept);
}

task<void> chat_hub::join_room(std::string room) {
  require_size(room, longest_name, "A room's name");
  if (!current_room().empty()) leave_room(std::string(current_room()));
  // With several servers it takes a moment until those hear of it.
  auto joining = groups().add_to_group(context().connection_id(), room);
  co_await joining;
  current_room() = room;
  tell_people(room);
}

void chat_hub::leave_room(const std::string& room) {
  if (room.empty() || current_room() != room) return;
  groups().remove_from_group(context().connection_id(), room);
  current_room().clear();
  tell_people(room);
}

void chat_hub::tell_people(const std::string& room) {
  clients().group(room).send(chat_client::people, room, groups().count(room), server_);
}

void chat_hub::send_to_room(const std::string& room, const std::string& user,
                            const std::string& text) {
  require_size(user, longest_name, "A name");
  require_size(text, longest_text, "A message");
  if (current_room() != room) throw hub_error("You are not in that room.");
  clients().group(room).send(chat_client::receive_room_message, room, user, text);
}

void chat_hub::typing(const std::string& room, const std::string& user) {
  require_size(user, longest_name, "A name");
  if (current_room() == room && !room.empty()) {
    clients().others_in_group(room).send(chat_client::typing, room, user);
  }
}

async_generator<load_sample> chat_hub::load(int milliseconds, std::stop_token stop) {
  const std::chrono::milliseconds interval(std::clamp(milliseconds, 100, 10'000));
  while (!stop.stop_requested()) {
    auto sample = meter_->take();
    sample.connections = clients().count();
    co_yield sample;
    auto pause = saker::delay(interval, stop);
    co_await pause;
  }
}

task<upload_report> chat_hub::upload(saker::signalr::stream_reader<std::string> pieces) {
  upload_report report;
  for (;;) {
    const auto piece = co_await pieces.read();
    if (!piece) break;
    ++report.chunks;
    report.bytes += piece->size();
    report.lines += static_cast<std::size_t>(std::count(piece->begin(), piece->end(), '\n'));
  }
  co_return report;
}
