#pragma once

#include <saker/signalr.hpp>

#include <cstddef>
#include <memory>
#include <string>

#include "load_meter.hpp"

/// What the page can be told.
struct chat_client {
  template <class Signature>
  using method = saker::signalr::client_method<Signature>;

  static constexpr method<void(std::string user, std::string text)> receive_message{
      "ReceiveMessage"};
  static constexpr method<void(std::string room, std::string user, std::string text)>
      receive_room_message{"ReceiveRoomMessage"};
  static constexpr method<void(std::string room, std::string user)> typing{"Typing"};
  /// Each server counts its own.
  static constexpr method<void(std::string room, std::size_t people, std::string server)> people{
      "People"};
};

struct upload_report {
  std::size_t chunks = 0;
  std::size_t bytes = 0;
  std::size_t lines = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(upload_report, chunks, bytes, lines)

/// What carries a connection.
struct carrier_report {
  std::string transport;
  std::string protocol;
  std::string http;
  std::string method;  ///< Of the request that it began with.
};
SAKER_FIELDS(carrier_report, transport, protocol, http, method)

/// The chat: for all, as in the well-known tutorial, and in rooms.
class chat_hub : public saker::signalr::hub {
 public:
  /// `server`: its name among several; empty: it is alone.
  chat_hub(std::shared_ptr<load_meter> meter, std::string server)
      : meter_(std::move(meter)), server_(std::move(server)) {}

  saker::task<void> on_disconnected(std::exception_ptr) override;

  void send(const std::string& user, const std::string& text);

  std::string server() const { return server_; }
  carrier_report carrier() const;
  saker::task<void> join_room(std::string room);
  void leave_room(const std::string& room);
  void send_to_room(const std::string& room, const std::string& user, const std::string& text);
  void typing(const std::string& room, const std::string& user);

  /// The server's load, again and again, until the page has seen enough.
  saker::async_generator<load_sample> load(int milliseconds, std::stop_token stop);
  /// A text that the page sends piece by piece.
  saker::task<upload_report> upload(saker::signalr::stream_reader<std::string> pieces);

  static void define(saker::signalr::hub_methods<chat_hub>& methods);

 private:
  std::string& current_room();
  void tell_people(const std::string& room);

  std::shared_ptr<load_meter> meter_;
  std::string server_;
};
