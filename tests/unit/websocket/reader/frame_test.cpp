#include "websocket/frame.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "websocket/reader/frame_parser.hpp"
#include "websocket/reader/mask.hpp"

namespace saker::websockets {
namespace {

std::vector<std::byte> bytes(std::initializer_list<unsigned> values) {
  std::vector<std::byte> result;
  for (const auto value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

TEST(encoded_header, uses_the_shortest_length) {
  const auto encode = [](std::uint64_t length) {
    const encoded_header header(opcode::binary, true, length);
    return std::vector<std::byte>(header.bytes().begin(), header.bytes().end());
  };
  EXPECT_EQ(encode(0), bytes({0x82, 0}));
  EXPECT_EQ(encode(125), bytes({0x82, 125}));
  EXPECT_EQ(encode(126), bytes({0x82, 126, 0, 126}));
  EXPECT_EQ(encode(65535), bytes({0x82, 126, 0xff, 0xff}));
  EXPECT_EQ(encode(65536), bytes({0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
}

TEST(frame_parser, needs_the_whole_header) {
  const auto frame = bytes({0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4});
  for (std::size_t size = 0; size < frame.size(); ++size) {
    frame_parser parser;
    frame_header header;
    EXPECT_EQ(parser.parse(std::span(frame).first(size), header), 0U) << size;
    EXPECT_FALSE(parser.has_fault());
  }
  frame_parser parser;
  frame_header header;
  EXPECT_EQ(parser.parse(frame, header), frame.size());
  EXPECT_EQ(header.length, 65536U);
  EXPECT_EQ(header.code, opcode::binary);
}

TEST(frame_parser, waits_for_the_payload_of_control_frames) {
  const auto frame = bytes({0x89, 0x82, 0, 0, 0, 0, 'h', 'i'});
  frame_parser parser;
  frame_header header;
  EXPECT_EQ(parser.parse(std::span(frame).first(7), header), 0U);
  EXPECT_EQ(parser.parse(frame, header), 6U);
}

TEST(frame_parser, names_the_fault) {
  const auto fault_of = [](std::vector<std::byte> frame) {
    frame_parser parser;
    frame_header header;
    parser.parse(frame, header);
    return std::string(parser.fault());
  };
  EXPECT_NE(fault_of(bytes({0xa1, 0x80})).find("reserved bits"), std::string::npos);
  EXPECT_NE(fault_of(bytes({0xc1, 0x80})).find("compressed"), std::string::npos);
  EXPECT_NE(fault_of(bytes({0x81, 0x00})).find("unmasked"), std::string::npos);
  EXPECT_NE(fault_of(bytes({0x83, 0x80})).find("'0x3'"), std::string::npos);
  EXPECT_NE(fault_of(bytes({0x8f, 0x80})).find("'0xF'"), std::string::npos);
  EXPECT_NE(fault_of(bytes({0x80, 0x80})).find("continuation"), std::string::npos);
  EXPECT_NE(fault_of(bytes({0x09, 0x80})).find("control"), std::string::npos);
  EXPECT_NE(fault_of(bytes({0x89, 0xfe, 0, 126})).find("control"), std::string::npos);
  EXPECT_NE(fault_of(bytes({0x82, 0xfe, 0, 125})).find("length"), std::string::npos);
}

TEST(copy_unmasked, equals_the_plain_loop_at_every_size_and_offset) {
  std::vector<std::byte> source;
  for (unsigned i = 0; i < 100; ++i) source.push_back(static_cast<std::byte>(i * 37));
  const unsigned char key[4] = {0x12, 0x34, 0x56, 0x78};
  std::uint32_t mask = 0;
  std::memcpy(&mask, key, 4);
  for (std::size_t offset = 0; offset < 9; ++offset) {
    for (std::size_t size = 0; size <= source.size(); ++size) {
      std::vector<std::byte> target(size + 1, std::byte{0xee});
      copy_unmasked(target.data(), std::span(source).first(size), mask, offset);
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_EQ(target[i], source[i] ^ static_cast<std::byte>(key[(offset + i) % 4]));
      }
      ASSERT_EQ(target[size], std::byte{0xee}) << "written beyond the end";
    }
  }
}

}  // namespace
}  // namespace saker::websockets
