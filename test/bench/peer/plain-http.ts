// What an answer costs where nothing is behind it: fastify as its documentation begins, giving back the same JSON each time.
import fastify from 'fastify';

const app = fastify();
const answers: object[] = [];

app.get<{ Params: { index: number } }>('/answers/:index', async (request) => answers[request.params.index]);

// Each message is one more answer to serve; the port is told with its number.
process.on('message', (answer: object) => {
  const index = answers.push(answer) - 1;
  const [address] = app.addresses();
  process.send?.({ port: typeof address === 'object' ? address.port : 0, index });
});
process.on('disconnect', () => process.exit());
await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.('ready');
