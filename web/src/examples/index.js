// One tab per audience, and one for a question of several parts. GraphiQL names a tab after its operation, so each file holds one operation with the audience's name.
import attribution from './attribution.graphql?raw';
import crm from './crm.graphql?raw';
import crmVariables from './crm.variables.json?raw';
import executive from './executive.graphql?raw';
import manager from './manager.graphql?raw';
import specialist from './specialist.graphql?raw';

export const exampleTabs = [
  { query: executive },
  { query: manager },
  { query: specialist },
  { query: attribution },
  { query: crm, variables: crmVariables },
];
