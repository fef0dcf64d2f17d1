#pragma once

#include <saker/binding.hpp>
#include <saker/signalr/protocol/hub_protocol.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::testing {

/// A hub protocol as an application might have one: each message is a line, an array of its parts
/// in JSON, with the arguments of a call as its last parts.
///
///     [1,"id","target",[stream ids],arguments...]   [2,"id",item]    [3,"id",error,result]
///     [4,"id","target",[stream ids],arguments...]   [5,"id"]         [6]
///     [7,error,allow reconnect]                     [8,number]       [9,number]
class lines_protocol final : public signalr::hub_protocol {
 public:
  std::string_view name() const noexcept override { return "lines"; }
  signalr::transfer_format format() const noexcept override {
    return signalr::transfer_format::text;
  }
  binding::value_format values() const noexcept override { return binding::value_format::json; }

  std::optional<frame> next_frame(std::string_view data,
                                  std::size_t looked_through) const override {
    const auto end = data.find('\n', looked_through);
    if (end == std::string_view::npos) return std::nullopt;
    return frame{data.substr(0, end), end + 1};
  }

  std::optional<signalr::hub_message> parse(std::string_view payload) const override {
    try {
      parts in(payload);
      const auto type = in.take<int>();
      if (type < 1 || type > 9) return std::nullopt;
      signalr::hub_message message;
      message.type = static_cast<signalr::message_type>(type);
      read_parts(in, message);
      in.finish();
      return message;
    } catch (const binding::binding_error& error) {
      throw signalr::protocol_error(error.what());
    }
  }

  void write(const signalr::hub_message& message, std::string& out) const override {
    using signalr::message_type;
    out += '[' + std::to_string(static_cast<int>(message.type));
    if (message.is_counted()) add(out, message.invocation_id);
    switch (message.type) {
      case message_type::invocation:
      case message_type::stream_invocation:
        add(out, message.target);
        add(out, message.stream_ids);
        // The array's brackets are the line's.
        if (message.value.size() > 2)
          out.append(",").append(message.value, 1, message.value.size() - 2);
        break;
      case message_type::stream_item: out.append(",").append(message.value); break;
      case message_type::completion:
        add(out, message.error);
        if (message.has_result) out.append(",").append(message.value);
        break;
      case message_type::close:
        add(out, message.error);
        add(out, message.allow_reconnect);
        break;
      case message_type::ack:
      case message_type::sequence: add(out, message.sequence_id); break;
      case message_type::cancel_invocation:
      case message_type::ping: break;
    }
    out += "]\n";
  }

 private:
  static void expect(bool holds) {
    if (!holds) throw signalr::protocol_error("This is no message.");
  }
  /// What a line has, one after the other.
  class parts {
   public:
    explicit parts(std::string_view line) : in_(line) { in_.begin_array(); }

    bool next() { return !ended_ && !(ended_ = !in_.next_element()); }
    template <class T>
    T take() {
      expect(next());
      return binding::read_value<T>(in_);
    }
    std::string_view skip(std::size_t& count) {
      const auto bytes = in_.skip();
      count += in_.skipped_values();
      return bytes;
    }
    void finish() {
      while (next()) in_.skip();
      expect(in_.at_end());
    }

   private:
    binding::json_reader in_;
    bool ended_ = false;
  };

  template <class T>
  static void add(std::string& out, const T& part) {
    out += ',';
    binding::write_to(out, part, {});
  }

  static void read_parts(parts& in, signalr::hub_message& message) {
    using signalr::message_type;
    if (message.is_counted()) message.invocation_id = in.take<std::string>();
    switch (message.type) {
      case message_type::invocation:
      case message_type::stream_invocation:
        message.target = in.take<std::string>();
        message.stream_ids = in.take<std::vector<std::string>>();
        read_arguments(in, message);
        break;
      case message_type::stream_item:
        expect(in.next());
        message.value = in.skip(message.value_count);
        break;
      case message_type::completion:
        message.error = in.take<std::optional<std::string>>();
        message.has_result = in.next();
        if (message.has_result) message.value = in.skip(message.value_count);
        break;
      case message_type::close:
        message.error = in.take<std::optional<std::string>>();
        message.allow_reconnect = in.take<bool>();
        break;
      case message_type::ack:
      case message_type::sequence: message.sequence_id = in.take<std::int64_t>(); break;
      case message_type::cancel_invocation:
      case message_type::ping: break;
    }
  }
  static void read_arguments(parts& in, signalr::hub_message& message) {
    std::string all = "[";
    std::size_t count = 1;
    while (in.next()) {
      if (all.size() > 1) all += ',';
      all += in.skip(count);
    }
    message.own_value(all + ']', count);
  }
};

}  // namespace saker::testing
