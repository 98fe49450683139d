/**
 * Run by `flood.ts` in a namespace: `host port rate seconds own-address username password`. Registers a phone, floods from its
 * address, and says how much was sent and answered.
 */
import { createSocket } from 'node:dgram';
import { Phone } from '../phones/index.ts';

const [host = '', port = '', rate = '', seconds = '', localHost = '', username = '', password = ''] =
  process.argv.slice(2);
const phone = await Phone.create({ name: 'beside', server: host, port: Number(port), localHost, username, password });
await phone.register();
const socket = createSocket('udp4');
let [sent, answered] = [0, 0];
socket.on('message', () => {
  answered += 1;
});
socket.bind(0, () => {
  const own = socket.address().port;
  const began = performance.now();
  const tick = setInterval(() => {
    const passed = performance.now() - began;
    if (passed > Number(seconds) * 1000) {
      clearInterval(tick);
      // What is still on its way back.
      setTimeout(() => {
        console.log(JSON.stringify({ sent, answered }));
        process.exit(0);
      }, 500);
      return;
    }
    for (const due = (passed / 1000) * Number(rate); sent < due; sent += 1) {
      const lines = [
        `OPTIONS sip:${host} SIP/2.0`,
        `Via: SIP/2.0/UDP 0.0.0.0:${own};branch=z9hG4bK${sent};rport`,
        'Max-Forwards: 70',
        `From: <sip:flood@${host}>;tag=${sent}`,
        `To: <sip:${host}>`,
        `Call-ID: flood-${own}-${sent}`,
        'CSeq: 1 OPTIONS',
        'Content-Length: 0',
      ];
      socket.send(`${lines.join('\r\n')}\r\n\r\n`, Number(port), host);
    }
  }, 10);
});
