// The page of the chat sample. What the server sends is described in room.hpp.

const byId = (id) => document.getElementById(id);
const shortestWait = 500; // milliseconds before the first new attempt; doubles up to the longest
const longestWait = 10_000;

let socket = null;
let member = null; // { name, room } while the user wants to be in a room
let lastId = 0;
let wait = shortestWait;
let timer = 0;

function show(state, text) {
  byId("state").dataset.state = state;
  byId("state").textContent = text;
  const open = state === "open";
  byId("text").disabled = byId("sayButton").disabled = !open;
  byId("name").disabled = byId("room").disabled = Boolean(member);
  byId("joinButton").hidden = Boolean(member);
  byId("leaveButton").hidden = !member;
}

function connect() {
  const { name, room } = member;
  const url = new URL(`rooms/${encodeURIComponent(room)}?name=${encodeURIComponent(name)}`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  show("connecting", "Connecting…");
  const mine = socket = new WebSocket(url);
  mine.addEventListener("message", (event) => { if (mine === socket) receive(JSON.parse(event.data)); });
  mine.addEventListener("close", () => { if (mine === socket) reconnectLater(); });
}

// With a little chance, so that not all pages come back at once after a restart of the server.
function reconnectLater() {
  socket = null;
  byId("here").replaceChildren();
  const after = wait * (0.75 + Math.random() / 2);
  wait = Math.min(2 * wait, longestWait);
  show("waiting", `Connection lost; trying again in ${(after / 1000).toFixed(1)} s`);
  timer = setTimeout(connect, after);
}

function receive(message) {
  switch (message.type) {
    case "welcome":
      wait = shortestWait;
      show("open", `In ${member.room} as ${message.name}`);
      byId("text").focus();
      break;
    case "history":
      message.lines.forEach(addLine);
      break;
    case "line":
      addLine(message);
      break;
    case "here":
      byId("here").replaceChildren(...message.names.map((name) => element("li", name)));
      break;
  }
}

function addLine({ id, from, text }) {
  if (id <= lastId) return; // came with the history already, or before the connection was lost
  lastId = id;
  const line = element("li", "");
  line.append(element("b", from), text);
  byId("lines").append(line);
  line.scrollIntoView({ block: "nearest" });
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

byId("joinForm").addEventListener("submit", (event) => {
  event.preventDefault();
  if (member) return;
  member = { name: byId("name").value.trim(), room: byId("room").value.trim() };
  lastId = 0;
  byId("lines").replaceChildren();
  connect();
});

byId("leaveButton").addEventListener("click", () => {
  const left = socket;
  member = socket = null;
  clearTimeout(timer);
  wait = shortestWait;
  left?.close(1000);
  byId("here").replaceChildren();
  show("idle", "Choose a name and a room");
  byId("name").focus();
});

byId("sayForm").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("text").value.trim();
  if (!text || socket?.readyState !== WebSocket.OPEN) return;
  socket.send(text);
  byId("text").value = "";
});

show("idle", "Choose a name and a room");
byId("name").focus();
