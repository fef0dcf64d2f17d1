#include <saker/binding/bind.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <deque>
#include <filesystem>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include <saker/binding/encoding.hpp>

#include "support/bound_types.hpp"

namespace shop {

enum class side : std::uint8_t { buy, sell_short };
SAKER_ENUM(side, buy, sell_short)

enum class plain : std::uint8_t { one = 1, two };

struct line {
  std::string name;
  std::uint8_t count = 7;

  bool operator==(const line&) const = default;
};
SAKER_FIELDS(line, name, count)

struct order {
  int id = 0;
  double unit_price = 0;
  side what = side::buy;
  std::optional<std::vector<std::optional<line>>> lines;
  std::map<int, std::vector<std::string>> notes;

  bool operator==(const order&) const = default;
};
SAKER_FIELDS(order, id, unit_price, what, lines, notes)

struct strict {
  int id = 0;
  int size = 0;
};
constexpr auto saker_fields(saker::binding::type_tag<strict>) {
  using saker::binding::field;
  return std::tuple(field("id", &strict::id).required(), field("Grösse", &strict::size));
}

class hidden {
 public:
  explicit hidden(int value = 0) : value_(value) {}
  bool operator==(const hidden&) const = default;

 private:
  friend SAKER_FIELDS(hidden, value_) int value_;
};

struct tree {
  int value = 0;
  std::vector<tree> branches;
  std::unique_ptr<tree> twin;
};
SAKER_FIELDS(tree, value, branches, twin)

/// Only nlohmann-json knows it.
struct old {
  int number = 0;
  std::vector<std::byte> blob;
  std::chrono::sys_seconds when;

  bool operator==(const old&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(old, number, blob, when)

struct loose {
  float narrow = 0;
  std::pair<double, std::uint64_t> wide;

  bool operator==(const loose&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(loose, narrow, wide)

struct money {
  std::int64_t cents = 0;
  bool operator==(const money&) const = default;
};

/// One way only.
struct told {
  int number = 0;
};
void to_json(saker::json& to, const told& value) { to = "told " + std::to_string(value.number); }
struct heard {
  int number = 0;
};
void from_json(const saker::json& from, heard& value) { value.number = from.at(0).get<int>(); }

/// Has no constructor without arguments.
class made {
 public:
  explicit made(int value) : value_(value) {}
  int value() const { return value_; }

 private:
  int value_;
};

using tagged = std::variant<int, std::string>;

struct named {
  int ID = 0;
  int URLValue = 0;
  int IPv4 = 0;
  int a_b = 0;
  int _inner = 0;
};
SAKER_FIELDS(named, ID, URLValue, IPv4, a_b, _inner)

enum open { first, third = 2 };
SAKER_ENUM(open, first, third)

}  // namespace shop

template <>
struct nlohmann::adl_serializer<shop::made> {
  static shop::made from_json(const json& from) { return shop::made(from.get<int>()); }
  static void to_json(json& to, const shop::made& value) { to = value.value(); }
};

template <>
struct nlohmann::adl_serializer<shop::tagged> {
  static void to_json(json& to, const shop::tagged& value) { to = {{"kind", value.index()}}; }
  static void from_json(const json& from, shop::tagged& value) {
    value = from.at("kind").get<int>();
  }
};

template <>
struct saker::binding::converter<shop::money> {
  static void write(value_writer& out, const shop::money& value) {
    out.string(std::to_string(value.cents) + " ct");
  }
  static shop::money read(value_reader& in) {
    const auto text = in.string();
    if (!text.ends_with(" ct")) throw binding_error("no money");
    return {std::stoll(std::string(text))};
  }
};

namespace saker::binding {
namespace {

using namespace std::chrono_literals;
using testing::packed;
using testing::unpacked;

/// Through both formats, with each way of writing.
template <class T>
void expect_round_trip(const T& value) {
  for (const auto format : {value_format::json, value_format::messagepack}) {
    for (const auto members : {naming::camel_case, naming::pascal_case, naming::verbatim}) {
      for (const auto enums : {enum_form::number, enum_form::name}) {
        std::string bytes;
        write_to(bytes, value, {format, {members, enums}});
        EXPECT_EQ(read_from<T>(bytes, format), value) << bytes;
      }
    }
  }
}

template <class T>
void expect_json(const T& value, std::string_view text) {
  EXPECT_EQ(to_json_text(value), text);
  EXPECT_EQ(from_json_text<T>(text), value);
}

template <class T>
void expect_refused(std::string_view text) {
  EXPECT_THROW(from_json_text<T>(text), binding_error) << text;
}

template <class Integer>
void try_integers() {
  using limits = std::numeric_limits<Integer>;
  for (const Integer each : {Integer(0), Integer(1), limits::min(), limits::max(),
                             Integer(limits::max() - 1), Integer(limits::min() + 1)}) {
    expect_round_trip(each);
    EXPECT_EQ(to_json_text(each), std::to_string(each));
    // Exactly one more or less than fits.
    using wide = detail::wide;
    const auto beyond = [](wide number) {
      std::string digits;
      const bool negative = number < 0;
      for (wide rest = negative ? -number : number; rest != 0; rest /= 10) {
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
      }
      return (negative ? "-" : "") + digits;
    };
    expect_refused<Integer>(beyond(wide{limits::max()} + 1));
    expect_refused<Integer>(beyond(wide{limits::min()} - 1 == -1 ? -1 : wide{limits::min()} - 1));
  }
  for (const auto* each : {"1.0", "1e0", "1.9", "true", "\"1\"", "null", "[1]", "{}", "1e300", "-",
                           "01", "+1", "0x1", "99999999999999999999", "-99999999999999999999"}) {
    expect_refused<Integer>(each);
  }
  EXPECT_THROW(unpacked<Integer>(packed(1.0)), binding_error);
  EXPECT_THROW(unpacked<Integer>(packed(true)), binding_error);
  EXPECT_THROW(unpacked<Integer>(packed("1")), binding_error);
}

TEST(binding, takes_integers_that_fit) {
  try_integers<std::int8_t>();
  try_integers<std::uint8_t>();
  try_integers<std::int16_t>();
  try_integers<std::uint16_t>();
  try_integers<std::int32_t>();
  try_integers<std::uint32_t>();
  try_integers<std::int64_t>();
  try_integers<std::uint64_t>();
  EXPECT_EQ(from_json_text<unsigned>("-0"), 0U);
  // From one width to another, in MessagePack too.
  EXPECT_THROW(unpacked<std::int8_t>(packed(128)), binding_error);
  EXPECT_EQ(unpacked<std::int8_t>(packed(std::uint64_t{127})), 127);
  EXPECT_THROW(unpacked<std::uint8_t>(packed(-1)), binding_error);
  EXPECT_EQ(unpacked<std::uint64_t>(std::string("\xd3\0\0\0\0\0\0\0\x05", 9)), 5U);
  EXPECT_THROW(unpacked<std::uint64_t>("\xd3\xff\xff\xff\xff\xff\xff\xff\xff"), binding_error);
}

TEST(binding, takes_numbers) {
  constexpr auto greatest = std::numeric_limits<double>::max();
  for (const double each : {0.0, -0.0, 0.1, 1.0, 1e22, greatest, 5e-324, -2.5}) {
    expect_round_trip(each);
  }
  for (const float each : {0.1F, std::numeric_limits<float>::max(), 1e-45F}) {
    expect_round_trip(each);
  }
  expect_json(0.1, "0.1");
  expect_json(0.1F, "0.1");
  expect_json(1.0, "1");
  EXPECT_EQ(from_json_text<double>("1e-999"), 0.0);
  EXPECT_EQ(from_json_text<double>("0.0000001e-999999999999999999999"), 0.0);
  EXPECT_EQ(from_json_text<double>("0e999999999999999999999"), 0.0);
  for (const auto* each : {"1e999", "-1e999", "1e999999999999999999999", "NaN", "Infinity", "true",
                           "\"1\"", "null", "1.", ".5", "1e", "1e+", "--1"}) {
    expect_refused<double>(each);
  }
  expect_refused<float>("1e300");
  EXPECT_THROW(unpacked<float>(packed(1e300)), binding_error);
  EXPECT_EQ(unpacked<double>(packed(3)), 3.0);
}

TEST(binding, has_no_infinity_in_json) {
  constexpr auto infinity = std::numeric_limits<double>::infinity();
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(to_json_text(infinity), binding_error);
  EXPECT_THROW(to_json_text(nan), binding_error);
  EXPECT_THROW(to_json_text(std::vector{1.0F, -std::numeric_limits<float>::infinity()}),
               binding_error);
  EXPECT_THROW(to_json_text(json(nan)), binding_error);
  EXPECT_EQ(unpacked<double>(packed(infinity)), infinity);
  EXPECT_TRUE(std::isnan(unpacked<double>(packed(nan))));
  EXPECT_TRUE(std::isnan(unpacked<float>(packed(nan))));
}

TEST(binding, takes_true_and_false) {
  expect_json(true, "true");
  expect_json(false, "false");
  expect_round_trip(std::vector<bool>{true, false, true});
  for (const auto* each : {"1", "0", "\"true\"", "null", "tru", "True", "falsey"}) {
    expect_refused<bool>(each);
  }
}

TEST(binding, takes_texts_that_are_utf8) {
  expect_json(std::string(), R"("")");
  expect_json(std::string("\"\\\n\x01/\xc3\xbc\xf0\x9f\x98\x80"),
              "\"\\\"\\\\\\n\\u0001/\xc3\xbc\xf0\x9f\x98\x80\"");
  EXPECT_EQ(from_json_text<std::string>(R"("\u00e4\ud83d\ude00\/\b\f\t\u0000")"),
            std::string("\xc3\xa4\xf0\x9f\x98\x80/\b\f\t\0", 11));
  for (const auto* each :
       {R"("\ud83d")", R"("\ude00\ud83d")", R"("\ud83dx")", R"("\ud83d\n")", R"("\ud83d\ud83d")",
        "\"\xff\"", "\"\xed\xa0\xbd\"", "\"abcdefgh\xc3\"", R"("\x")", R"("\u12g4")", "\"\n\"",
        "\"open", "\"\\", "\"\\u12", "42", "null"}) {
    expect_refused<std::string>(each);
  }
  for (const std::size_t size :
       std::initializer_list<std::size_t>{0, 1, 31, 32, 255, 256, 65'535, 65'536, 70'000}) {
    expect_round_trip(std::string(size, 'x'));
  }
  EXPECT_THROW(unpacked<std::string>("\xa1\xff"), binding_error);
  EXPECT_THROW(unpacked<std::string>("\xa3\xed\xa0\xbd"), binding_error);
  EXPECT_THROW(unpacked<std::string>(packed(1)), binding_error);
}

TEST(binding, sends_on_nothing_that_is_no_utf8) {
  EXPECT_EQ(to_json_text("a\xff"), "\"a\xef\xbf\xbd\"");
  EXPECT_EQ(unpacked<std::string>(packed("a\xff")), "a\xef\xbf\xbd");
  EXPECT_EQ(to_json_text(json{{"\xff", 1}}), "{\"\xef\xbf\xbd\":1}");
  EXPECT_EQ((unpacked<std::map<std::string, int>>(packed(std::map<std::string, int>{{"\xff", 1}}))),
            (std::map<std::string, int>{{"\xef\xbf\xbd", 1}}));
}

TEST(binding, takes_bytes) {
  using bytes = std::vector<std::byte>;
  const bytes three{std::byte{1}, std::byte{2}, std::byte{255}};
  expect_json(three, R"("AQL/")");
  expect_json(bytes{}, R"("")");
  expect_json(std::array{std::byte{1}}, R"("AQ==")");
  expect_round_trip(bytes(70'000, std::byte{7}));
  for (const auto* each :
       {"\"====\"", "\"A===\"", "\"AQ==AQID\"", "\"AR==\"", "\"AQJ=\"", "\"AQ=D\"", "\"AQ==\\n\"",
        "\"AQ\"", "\" AQI\"", "\"AQ-_\"", "[1]", "null", "\"=\""}) {
    expect_refused<bytes>(each);
  }
  expect_refused<std::array<std::byte, 2>>(R"("AQ==")");
  // Neither a timestamp nor another extension, nor a text.
  EXPECT_THROW(unpacked<bytes>("\xd6\xff\x65\x92\x01\x80"), binding_error);
  EXPECT_THROW(unpacked<bytes>("\xd4\x05\x01"), binding_error);
  EXPECT_THROW(unpacked<bytes>(packed("AQ==")), binding_error);
  EXPECT_THROW(unpacked<std::string>(packed(three)), binding_error);
}

TEST(binding, takes_what_may_be_missing) {
  expect_json(std::optional<int>(), "null");
  expect_json(std::optional<int>(3), "3");
  expect_json(std::vector<std::optional<std::string>>{"a", std::nullopt}, R"(["a",null])");
  expect_round_trip(std::optional(std::vector<std::optional<int>>{1, std::nullopt}));
  EXPECT_EQ(*from_json_text<std::unique_ptr<int>>("3"), 3);
  EXPECT_EQ(from_json_text<std::shared_ptr<int>>("null"), nullptr);
  EXPECT_EQ(to_json_text(std::make_unique<int>(4)), "4");
  expect_json(std::monostate(), "null");
}

TEST(binding, takes_containers) {
  expect_json(std::vector<int>{}, "[]");
  expect_json(std::vector<std::vector<int>>{{1}, {}, {2, 3}}, "[[1],[],[2,3]]");
  expect_json(std::array{1, 2}, "[1,2]");
  expect_round_trip(std::deque<double>{0.5});
  expect_round_trip(std::list<bool>{true});
  expect_round_trip(std::set<std::string>{"a", "b"});
  expect_round_trip(std::unordered_set<int>{1, 2, 3});
  for (const std::size_t size : std::initializer_list<std::size_t>{15, 16, 65'535, 65'536})
    expect_round_trip(std::vector<int>(size, 5));
  expect_refused<std::array<int, 2>>("[1]");
  expect_refused<std::array<int, 2>>("[1,2,3]");
  for (const auto* each : {"[1.9]", "[4294967297]", "[true]", "[1e300]", "[null]", "[1,]", "[,1]",
                           "[1 2]", "[1", "{}", "1", "[1]]"}) {
    expect_refused<std::vector<int>>(each);
  }
  // More is announced than is there.
  EXPECT_THROW(unpacked<std::vector<int>>("\xdd\xff\xff\xff\xff\x01"), binding_error);
  EXPECT_THROW(unpacked<std::vector<int>>("\x92\x01"), binding_error);
}

TEST(binding, takes_maps_with_keys_of_any_kind) {
  expect_json(std::map<std::string, int>{{"a", 1}, {"b", 2}}, R"({"a":1,"b":2})");
  expect_json(std::map<int, std::string>{{-5, "x"}, {7, "y"}}, R"({"-5":"x","7":"y"})");
  expect_json(std::map<shop::side, int>{{shop::side::sell_short, 1}}, R"({"SellShort":1})");
  expect_json(std::map<shop::plain, int>{{shop::plain::two, 1}}, R"({"2":1})");
  expect_round_trip(std::unordered_map<std::uint64_t, bool>{{18446744073709551615U, true}});
  expect_round_trip(std::map<uuid, int>{{uuid::random(), 1}});
  for (const std::size_t size : std::initializer_list<std::size_t>{15, 16, 70'000}) {
    std::map<int, int> large;
    for (std::size_t i = 0; i < size; ++i) large[static_cast<int>(i)] = 1;
    expect_round_trip(large);
  }
  using numbers = std::map<int, int>;
  for (const auto* each : {R"({"x":1})", R"({"1.5":1})", R"({"4294967296":1})", R"({"":1})",
                           R"({1:1})", R"({"1":2147483648})", R"({"1" 1})", R"({"1":1,})"}) {
    expect_refused<numbers>(each);
  }
  // {5: 6}; JavaScript's objects have texts: {"5": 6}.
  EXPECT_EQ(unpacked<numbers>("\x81\x05\x06"), (numbers{{5, 6}}));
  EXPECT_EQ(unpacked<numbers>("\x81\xa1"
                              "5\x06"),
            (numbers{{5, 6}}));
  EXPECT_THROW((unpacked<std::map<std::string, int>>("\x81\x05\x06")), binding_error);
  EXPECT_THROW(unpacked<json>("\x81\x05\x06"), binding_error);
}

TEST(binding, takes_tuples_and_variants) {
  expect_json(std::pair(1, std::string("a")), R"([1,"a"])");
  expect_json(std::tuple(1, true, std::vector{2}), "[1,true,[2]]");
  using two = std::pair<int, int>;
  for (const auto* each : {"[1]", "[1,2,3]", "[]", "{}", "1"}) expect_refused<two>(each);
  using any = std::variant<std::monostate, bool, int, std::string, std::vector<int>, shop::line>;
  expect_json(any(), "null");
  expect_json(any(true), "true");
  expect_json(any(5), "5");
  expect_json(any(std::string("x")), R"("x")");
  expect_json(any(std::vector{1}), "[1]");
  expect_json(any(shop::line{"a", 1}), R"({"name":"a","count":1})");
  expect_round_trip(any(shop::line{"a", 1}));
  expect_refused<any>("1.5");
  expect_refused<std::variant<bool, std::string>>("null");
}

TEST(binding, takes_enumerations_by_number_and_by_name) {
  using shop::side;
  expect_json(side::sell_short, "1");
  EXPECT_EQ(to_json_text(side::sell_short, {naming::camel_case, enum_form::name}),
            R"("SellShort")");
  EXPECT_EQ(packed(side::sell_short), "\xa9SellShort");
  for (const auto* each : {"\"SellShort\"", "\"sell_short\"", "\"SELLSHORT\"", "\"sellShort\""}) {
    EXPECT_EQ(from_json_text<side>(each), side::sell_short);
  }
  EXPECT_EQ(unpacked<side>("\x01"), side::sell_short);
  // As .NET does: numbers without a name are taken, and written as numbers, or as their text where
  // names are written.
  expect_json(static_cast<side>(9), "9");
  EXPECT_EQ(packed(static_cast<side>(9)),
            "\xa1"
            "9");
  EXPECT_EQ(unpacked<side>("\xa1"
                           "9"),
            static_cast<side>(9));
  EXPECT_EQ(to_json_text(static_cast<side>(9), {naming::camel_case, enum_form::name}), "9");
  for (const auto* each : {"\"Hold\"", "\"\"", "\"9\"", "\"256\"", "\"-1\"", "\"9x\"", "256", "-1",
                           "1.5", "null", "[]"}) {
    expect_refused<side>(each);
  }
  expect_json(shop::plain::two, "2");
  expect_refused<shop::plain>("\"two\"");
}

TEST(binding, takes_members_by_name) {
  const shop::order all{
      5, 2.5, shop::side::sell_short, {{shop::line{"a", 1}, std::nullopt}}, {{3, {"x"}}}};
  expect_json(all, R"({"id":5,"unitPrice":2.5,"what":1,"lines":[{"name":"a","count":1},null],)"
                   R"("notes":{"3":["x"]}})");
  EXPECT_EQ(to_json_text(all, {naming::pascal_case, enum_form::name}),
            R"({"Id":5,"UnitPrice":2.5,"What":"SellShort","Lines":[{"Name":"a","Count":1},null],)"
            R"("Notes":{"3":["x"]}})");
  expect_round_trip(all);
  // Whatever the case and the order; unknown members are left out, missing ones keep their values,
  // the last of equal ones counts.
  const shop::line line{"b", 9};
  for (const auto* each :
       {R"({"COUNT":9,"Name":"b"})", R"({"name":"a","x":[{"y":"\ud83d"}],"name":"b","count":9})",
        " { \"name\" : \"b\" ,\n\"count\" : 9\t} "}) {
    EXPECT_EQ(from_json_text<shop::line>(each), line) << each;
  }
  EXPECT_EQ(from_json_text<shop::order>(R"({"unit_price":1,"UnitPrice":2})").unit_price, 2);
  EXPECT_EQ(from_json_text<shop::line>("{}"), (shop::line{"", 7}));
  for (const auto* each :
       {R"({"count":300})", R"({"count":-1})", R"({"count":true})", R"({"count":1.9})",
        R"({"name":null})", "null", "[]", R"({"count":1,})", R"({"count"})", R"({"x":})", "{x:1}",
        R"({"x":01})", R"({"x":[1,]})", R"({"x":"\q"})", R"({"x":tru})", R"({"x":{"y"}})"}) {
    expect_refused<shop::line>(each);
  }
  expect_round_trip(shop::hidden(3));
}

TEST(binding, requires_members_that_must_be_there) {
  EXPECT_EQ(from_json_text<shop::strict>(R"({"id":1})").id, 1);
  EXPECT_EQ(from_json_text<shop::strict>(R"({"ID":1,"Grösse":2})").size, 2);
  try {
    from_json_text<shop::strict>(R"({"Grösse":2})");
    FAIL() << "was taken";
  } catch (const binding_error& error) {
    EXPECT_STREQ(error.what(), "The member 'id' is missing.");
  }
}

TEST(binding, takes_what_contains_itself) {
  const auto* const text =
      R"({"value":1,"branches":[{"value":2,"branches":[],"twin":null}],"twin":{"value":3,"branches":[],"twin":null}})";
  const auto tree = from_json_text<shop::tree>(text);
  EXPECT_EQ(tree.twin->value, 3);
  EXPECT_EQ(to_json_text(tree), text);
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += R"({"branches":[)";
  expect_refused<shop::tree>(deep);
  expect_refused<json>(std::string(65, '[') + std::string(65, ']'));
  EXPECT_TRUE(from_json_text<json>(std::string(64, '[') + std::string(64, ']')).is_array());
  expect_refused<shop::line>(R"({"x":)" + std::string(100'000, '['));
  EXPECT_THROW(unpacked<json>(std::string(100'000, '\x91')), binding_error);
  EXPECT_THROW(unpacked<shop::line>("\x81\xa1x" + std::string(100'000, '\x91')), binding_error);
}

TEST(binding, leaves_a_type_its_own_conversion) {
  const shop::old value{5, {std::byte{1}}, std::chrono::sys_seconds(946'684'800s)};
  expect_json(value, R"({"blob":"AQ==","number":5,"when":"2000-01-01T00:00:00Z"})");
  EXPECT_EQ(unpacked<shop::old>(packed(value)), value);
  expect_refused<shop::old>(R"({"blob":"A===","number":5,"when":"2000-01-01T00:00:00Z"})");
  EXPECT_ANY_THROW(from_json_text<shop::old>(R"({"number":5})"));
  // What nlohmann-json would change in silence.
  for (const auto* each : {"1.9", "true", "4294967301", "1.0", "-1e300"}) {
    expect_refused<shop::old>(R"({"blob":"AQ==","when":"2000-01-01T00:00:00Z","number":)" +
                              std::string(each) + "}");
  }
  expect_json(shop::loose{0.1F, {0.1, 18446744073709551615U}},
              R"({"narrow":0.10000000149011612,"wide":[0.1,18446744073709551615]})");
  EXPECT_EQ(from_json_text<shop::loose>(R"({"narrow":0.1,"wide":[1,2],"more":1})").narrow, 0.1F);
  expect_refused<shop::loose>(R"({"narrow":1,"wide":[1,-1]})");
  EXPECT_EQ(from_json_text<shop::loose>(R"({"narrow":1,"wide":[-1e300,2]})").wide.first, -1e300);
  expect_refused<shop::loose>(R"({"narrow":1,"wide":[1,1e300]})");
  expect_json(shop::money{5}, R"("5 ct")");
  expect_refused<shop::money>(R"("5")");
  expect_json(std::vector<std::optional<shop::money>>{shop::money{5}}, R"(["5 ct"])");
}

TEST(binding, takes_conversions_that_go_one_way_and_those_of_other_peoples_types) {
  EXPECT_EQ(to_json_text(shop::told{5}), R"("told 5")");
  EXPECT_EQ(from_json_text<shop::heard>("[5]").number, 5);
  EXPECT_EQ(from_json_text<shop::made>("5").value(), 5);
  EXPECT_EQ(to_json_text(std::vector{shop::made(5)}), "[5]");
  EXPECT_EQ(to_json_text(shop::tagged("x")), R"({"kind":1})");
  EXPECT_EQ(to_json_text(std::filesystem::path("a/b")), R"("a/b")");
  expect_json(std::multimap<std::string, int>{{"a", 1}}, R"({"a":1})");
  expect_json(std::map<double, int>{{0.5, 1}}, "[[0.5,1]]");
  expect_json(std::map<std::pair<int, int>, bool>{{{1, 2}, true}}, "[[[1,2],true]]");
  EXPECT_EQ(*from_json_text<std::shared_ptr<const shop::line>>(R"({"count":3})"),
            (shop::line{"", 3}));
  const char* const nothing = nullptr;
  EXPECT_EQ(to_json_text(nothing), "null");
  EXPECT_EQ(to_json_text(std::string_view("x")), R"("x")");
  EXPECT_EQ(to_json_text(std::span<const int>()), "[]");
}

TEST(binding, spells_names_as_dotnet_does) {
  const shop::named value;
  EXPECT_EQ(to_json_text(value), R"({"id":0,"urlValue":0,"iPv4":0,"aB":0,"_inner":0})");
  EXPECT_EQ(to_json_text(value, {naming::pascal_case}),
            R"({"ID":0,"URLValue":0,"IPv4":0,"AB":0,"_inner":0})");
}

TEST(binding, makes_no_value_that_an_enumeration_cannot_have) {
  EXPECT_EQ(from_json_text<shop::open>("2"), shop::third);
  expect_refused<shop::open>("1");
  expect_refused<shop::open>("4000000000");
  using keyed = std::map<shop::side, int>;
  expect_json(keyed{{static_cast<shop::side>(7), 1}}, R"({"7":1})");
  expect_refused<keyed>(R"({"256":1})");
  expect_refused<keyed>(R"({"7x":1})");
}

TEST(binding, takes_exponents_of_any_size) {
  expect_refused<double>("10e9223372036854775807");
  EXPECT_EQ(from_json_text<double>("0.001e-9223372036854775808"), 0.0);
}

TEST(binding, knows_what_is_text) {
  for (const auto format : {value_format::json, value_format::messagepack}) {
    std::string bytes;
    write_to(bytes, json{{"a", {1, "x", nullptr}}}, {format, {}});
    EXPECT_TRUE(has_only_text(bytes, format));
  }
  EXPECT_FALSE(has_only_text("[{\"\xff\":1}]", value_format::json));
  EXPECT_FALSE(has_only_text(R"([["\ud83d"]])", value_format::json));
  EXPECT_FALSE(has_only_text("\x91\x81\x05\xa1\xff", value_format::messagepack));
  EXPECT_TRUE(has_only_text("\x91\x81\x05\xa1x", value_format::messagepack));
}

TEST(binding, takes_anything_as_a_document) {
  for (const auto* each : {"null", "true", "0", "-1", "18446744073709551615", "1.5", R"("x")",
                           R"([1,[],{}])", R"({"a":{"b":null}})"}) {
    const auto document = from_json_text<json>(each);
    EXPECT_EQ(document, json::parse(each));
    EXPECT_EQ(to_json_text(document), each);
    EXPECT_EQ(unpacked<json>(packed(document)), document);
  }
  EXPECT_EQ(from_json_text<json>("123456789012345678901234").get<double>(),
            123456789012345678901234.0);
  EXPECT_TRUE(from_json_text<json>("-0").is_number_float());
  // What JSON has no types for survives MessagePack.
  const json binary = json::binary({1, 2}, 5);
  EXPECT_EQ(unpacked<json>(packed(binary)), binary);
  EXPECT_EQ(to_json_text(binary), R"("AQI=")");
}

TEST(binding, refuses_more_than_one_value) {
  for (const auto* each : {"1 2", "1,", "[] []", "{}x", ""}) expect_refused<json>(each);
  EXPECT_EQ(from_json_text<int>(" \r\n\t1 "), 1);
  EXPECT_THROW(unpacked<int>(std::string("\x01\x02")), binding_error);
  EXPECT_THROW(unpacked<int>(""), binding_error);
}

}  // namespace
}  // namespace saker::binding
