// One tab per audience. GraphiQL names a tab after its operation, so each file holds one operation with the audience's name.
import crm from './crm.graphql?raw';
import crmVariables from './crm.variables.json?raw';
import executive from './executive.graphql?raw';
import manager from './manager.graphql?raw';
import specialist from './specialist.graphql?raw';

export const exampleTabs = [
  { query: executive },
  { query: manager },
  { query: specialist },
  { query: crm, variables: crmVariables },
];
