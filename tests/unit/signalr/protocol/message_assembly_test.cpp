// Hub messages that arrive in pieces.

#include "signalr/protocol/message_assembly.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace saker::signalr {
namespace {

/// JSON's framing, which counts the bytes that it is asked to look at.
class counting_protocol final : public hub_protocol {
 public:
  std::string_view name() const noexcept override { return "counting"; }
  transfer_format format() const noexcept override { return transfer_format::text; }
  binding::value_format values() const noexcept override {
    return binding::value_format::messagepack;
  }
  std::optional<frame> next_frame(std::string_view data,
                                  std::size_t looked_through) const override {
    addresses_.insert(data.data());
    const auto found = json_protocol().next_frame(data, looked_through);
    looked_at_ += (found ? found->size : data.size()) - looked_through;
    return found;
  }
  std::optional<hub_message> parse(std::string_view) const override { return std::nullopt; }
  void write(const hub_message&, std::string&) const override {}

  std::size_t looked_at() const noexcept { return looked_at_; }
  std::size_t addresses() const noexcept { return addresses_.size(); }

 private:
  mutable std::size_t looked_at_ = 0;
  mutable std::set<const char*> addresses_;
};

/// What comes out of pieces of at most that size, each in memory of its own that goes.
std::vector<std::string> in_pieces(message_assembly& assembly, const hub_protocol& protocol,
                                   std::string_view text, std::size_t size) {
  std::vector<std::string> messages;
  for (std::size_t at = 0; at < text.size(); at += size) {
    const std::string piece(text.substr(at, size));
    assembly.feed(piece);
    while (const auto message = assembly.next(protocol)) messages.emplace_back(*message);
    assembly.keep();
  }
  return messages;
}

TEST(message_assembly, gives_the_same_however_it_is_cut) {
  const std::string text = "{\"type\":6}\x1e\x1e{\"a\":\"bcdefgh\"}\x1e{}\x1e";
  const std::vector<std::string> wanted{"{\"type\":6}", "", "{\"a\":\"bcdefgh\"}", "{}"};
  for (std::size_t size = 1; size <= text.size(); ++size) {
    message_assembly assembly(std::nullopt);
    EXPECT_EQ(in_pieces(assembly, json_protocol(), text, size), wanted) << size;
    EXPECT_TRUE(assembly.is_empty());
  }
}

TEST(message_assembly, looks_at_each_byte_once_and_copies_seldom) {
  constexpr std::size_t size = 4'000'000;
  constexpr std::size_t piece = 1'000;
  const counting_protocol protocol;
  message_assembly assembly(std::nullopt);
  const auto messages = in_pieces(assembly, protocol, std::string(size - 1, 'x') + '\x1e', piece);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages.front().size(), size - 1);
  EXPECT_EQ(protocol.looked_at(), size);
  // Where it lies changes when it is copied as a whole: while it doubles, and not with each piece.
  EXPECT_LT(protocol.addresses(), 64U);
}

TEST(message_assembly, limits_what_is_whole_and_what_is_not) {
  message_assembly assembly(10);
  assembly.feed("123456789\x1e");
  EXPECT_EQ(assembly.next(json_protocol()), "123456789");
  assembly.keep();
  assembly.feed("1234567890\x1e");
  EXPECT_THROW(assembly.next(json_protocol()), protocol_error);
  message_assembly endless(10);
  endless.feed("1234567890");
  EXPECT_FALSE(endless.next(json_protocol()));
  endless.keep();
  endless.feed("1");
  EXPECT_THROW(endless.next(json_protocol()), protocol_error);
}

TEST(message_assembly, forgets_what_is_incomplete) {
  message_assembly assembly(std::nullopt);
  assembly.feed("lost");
  EXPECT_FALSE(assembly.next(json_protocol()));
  assembly.keep();
  EXPECT_FALSE(assembly.is_empty());
  assembly.clear();
  assembly.feed("{}\x1e");
  EXPECT_EQ(assembly.next(json_protocol()), "{}");
}

}  // namespace
}  // namespace saker::signalr
